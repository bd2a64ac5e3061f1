/* A VFS for SQLite that writes down what reaches the disk, and fails where it is told to.
 *
 * It stands before the system's own VFS and is registered under the name "recording": `file:/dir/store.sqlite?vfs=recording`.
 * Files below the directory of a recording are logged; all others pass through. Any thread. */
#ifndef RECORDING_VFS_H
#define RECORDING_VFS_H

#include <stddef.h>
#include <stdint.h>

enum recording_kind {
    RECORDING_CREATE,         /* a directory entry was made */
    RECORDING_WRITE,          /* `length` octets at `offset` */
    RECORDING_TRUNCATE,       /* the file now ends at `offset` */
    RECORDING_SYNC,           /* all writes to the file so far are durable, unless `code` says that it failed */
    RECORDING_DELETE,         /* a directory entry was removed */
    RECORDING_SYNC_DIRECTORY, /* all directory entries made or removed so far are durable */
    RECORDING_MARK            /* `offset` is the caller's own number */
};

struct recording_event {
    int kind;
    /* Index of the file's name; -1 where there is none. */
    int file;
    /* The error that SQLite was told; 0 where it worked. A failed write may have written a part: then that is logged. */
    int code;
    int64_t offset;
    const unsigned char *data;
    size_t length;
};

struct recording;

/* Registers the VFS, once for the process. 0, or an SQLite error. */
int recording_register(void);

/* Logs what happens below a directory (absolute, without a slash at its end) from now on. Null where there is no memory. */
struct recording *recording_begin(const char *directory);

/* The files must be closed by then. */
void recording_end(struct recording *);

size_t recording_count(struct recording *);
/* The octets stay where they are until `recording_end`. */
struct recording_event recording_event_at(struct recording *, size_t index);
/* The name below the directory; null past the last. */
const char *recording_file(struct recording *, int file);

/* The caller's own line in the log. */
void recording_mark(struct recording *, int64_t value);

enum recording_fault {
    RECORDING_FAULT_IO,  /* writes, truncations, syncs and deletions fail with SQLITE_IOERR */
    RECORDING_FAULT_FULL /* writes fail with SQLITE_FULL */
};

/* The `nth` operation from now (from 1) that this fault concerns fails, and with `lasting` all after it. 0 ends the faults. */
void recording_fail(struct recording *, int fault, int64_t nth, int lasting);

/* How often a fault was met since `recording_fail`. */
int64_t recording_faults_met(struct recording *);

struct sqlite3;

/* A digest of every row of every table. 0, or an SQLite error. */
int recording_digest(struct sqlite3 *connection, uint64_t *digest);

#endif
