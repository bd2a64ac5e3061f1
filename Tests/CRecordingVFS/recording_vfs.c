#include "recording_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 64

struct recording {
    pthread_mutex_t lock;
    char *directory;
    char *files[FILES_MAX];
    struct recording_event *events;
    size_t count, room;
    int fault, lasting;
    int64_t countdown, met;
    struct recording *next;
};

/* SQLite allocates `szOsFile` octets; the file of the VFS behind stands after ours. */
struct recorded_file {
    sqlite3_file base;
    struct recording *recording; /* null: passes through */
    int file;
    int syncs_directory; /* a new journal: the system's VFS syncs the directory with the first sync */
    sqlite3_file real[];
};

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct recording *registry;
static sqlite3_vfs vfs;

static sqlite3_vfs *behind(void) { return vfs.pAppData; }

/* Log */

static void log_event(struct recording *recording, struct recording_event event) {
    if (recording->count == recording->room) {
        size_t room = recording->room ? recording->room * 2 : 1024;
        struct recording_event *events = realloc(recording->events, room * sizeof *events);
        if (!events) abort(); /* a log with a hole would prove nothing */
        recording->events = events;
        recording->room = room;
    }
    if (event.length > 0) {
        unsigned char *copy = malloc(event.length);
        if (!copy) abort();
        memcpy(copy, event.data, event.length);
        event.data = copy;
    }
    recording->events[recording->count++] = event;
}

static struct recording *recording_of(const char *path) {
    struct recording *found = NULL;
    if (!path) return NULL;
    pthread_mutex_lock(&registry_lock);
    for (struct recording *each = registry; each && !found; each = each->next) {
        size_t length = strlen(each->directory);
        if (strncmp(path, each->directory, length) == 0 && path[length] == '/') found = each;
    }
    pthread_mutex_unlock(&registry_lock);
    return found;
}

/* With the recording's lock held. */
static int file_number(struct recording *recording, const char *path) {
    const char *name = path + strlen(recording->directory) + 1;
    for (int file = 0; file < FILES_MAX; file++) {
        if (!recording->files[file]) recording->files[file] = strdup(name);
        if (recording->files[file] && strcmp(recording->files[file], name) == 0) return file;
    }
    abort();
}

/* Whether this operation is to fail; with the recording's lock held. */
static int meets_fault(struct recording *recording, int is_write) {
    if (recording->countdown == 0 || (recording->fault == RECORDING_FAULT_FULL && !is_write)) return 0;
    if (recording->countdown > 1) {
        recording->countdown--;
        return 0;
    }
    if (!recording->lasting) recording->countdown = 0;
    recording->met++;
    return 1;
}

static int fault_code(struct recording *recording, int io_code) {
    return recording->fault == RECORDING_FAULT_FULL ? SQLITE_FULL : io_code;
}

/* File methods */

static int file_close(sqlite3_file *base) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods ? file->real->pMethods->xClose(file->real) : SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *data, int length, sqlite3_int64 offset) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xRead(file->real, data, length, offset);
}

static int file_write(sqlite3_file *base, const void *data, int length, sqlite3_int64 offset) {
    struct recorded_file *file = (struct recorded_file *)base;
    struct recording *recording = file->recording;
    if (!recording) return file->real->pMethods->xWrite(file->real, data, length, offset);
    pthread_mutex_lock(&recording->lock);
    int result = SQLITE_OK;
    if (meets_fault(recording, 1)) {
        result = fault_code(recording, SQLITE_IOERR_WRITE);
        length = length / 2; /* a disk that fails or is full may have taken a part */
    }
    int written = length > 0 ? file->real->pMethods->xWrite(file->real, data, length, offset) : SQLITE_OK;
    if (written == SQLITE_OK)
        log_event(recording, (struct recording_event){RECORDING_WRITE, file->file, result, offset, data, (size_t)length});
    pthread_mutex_unlock(&recording->lock);
    return result != SQLITE_OK ? result : written;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct recorded_file *file = (struct recorded_file *)base;
    struct recording *recording = file->recording;
    if (!recording) return file->real->pMethods->xTruncate(file->real, size);
    pthread_mutex_lock(&recording->lock);
    int result = meets_fault(recording, 0) ? SQLITE_IOERR_TRUNCATE : file->real->pMethods->xTruncate(file->real, size);
    if (result == SQLITE_OK) log_event(recording, (struct recording_event){RECORDING_TRUNCATE, file->file, 0, size, NULL, 0});
    pthread_mutex_unlock(&recording->lock);
    return result;
}

static int file_sync(sqlite3_file *base, int flags) {
    struct recorded_file *file = (struct recorded_file *)base;
    struct recording *recording = file->recording;
    if (!recording) return file->real->pMethods->xSync(file->real, flags);
    pthread_mutex_lock(&recording->lock);
    int result = meets_fault(recording, 0) ? SQLITE_IOERR_FSYNC : file->real->pMethods->xSync(file->real, flags);
    log_event(recording, (struct recording_event){RECORDING_SYNC, file->file, result, 0, NULL, 0});
    if (result == SQLITE_OK && file->syncs_directory) {
        file->syncs_directory = 0;
        log_event(recording, (struct recording_event){RECORDING_SYNC_DIRECTORY, -1, 0, 0, NULL, 0});
    }
    pthread_mutex_unlock(&recording->lock);
    return result;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xFileSize(file->real, size);
}

static int file_lock(sqlite3_file *base, int level) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xLock(file->real, level);
}

static int file_unlock(sqlite3_file *base, int level) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xUnlock(file->real, level);
}

static int file_check_reserved_lock(sqlite3_file *base, int *result) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xCheckReservedLock(file->real, result);
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xFileControl(file->real, operation, argument);
}

static int file_sector_size(sqlite3_file *base) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xSectorSize(file->real);
}

static int file_device_characteristics(sqlite3_file *base) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xDeviceCharacteristics(file->real);
}

/* The index of the write-ahead log is shared memory: it is made anew after a crash. */
static int file_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **place) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xShmMap(file->real, page, size, extend, place);
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *base) {
    struct recorded_file *file = (struct recorded_file *)base;
    file->real->pMethods->xShmBarrier(file->real);
}

static int file_shm_unmap(sqlite3_file *base, int deletes) {
    struct recorded_file *file = (struct recorded_file *)base;
    return file->real->pMethods->xShmUnmap(file->real, deletes);
}

/* Version 2: without memory-mapped reading and writing, which would go past us. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* VFS methods */

static int vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *base, int flags, int *flags_out) {
    (void)self;
    struct recorded_file *file = (struct recorded_file *)base;
    file->base.pMethods = NULL;
    file->recording = recording_of(name);
    file->file = -1;
    file->syncs_directory = 0;
    int is_new = file->recording && (flags & SQLITE_OPEN_CREATE) && access(name, F_OK) != 0;
    int result = behind()->xOpen(behind(), name, file->real, flags, flags_out);
    if (result != SQLITE_OK) return result;
    file->base.pMethods = &methods;
    if (!file->recording) return SQLITE_OK;
    pthread_mutex_lock(&file->recording->lock);
    file->file = file_number(file->recording, name);
    if (is_new) log_event(file->recording, (struct recording_event){RECORDING_CREATE, file->file, 0, 0, NULL, 0});
    pthread_mutex_unlock(&file->recording->lock);
    int is_journal = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL);
    file->syncs_directory = is_journal && (flags & SQLITE_OPEN_CREATE);
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *self, const char *name, int syncs_directory) {
    (void)self;
    struct recording *recording = recording_of(name);
    if (!recording) return behind()->xDelete(behind(), name, syncs_directory);
    pthread_mutex_lock(&recording->lock);
    int result = meets_fault(recording, 0) ? SQLITE_IOERR_DELETE : behind()->xDelete(behind(), name, syncs_directory);
    if (result == SQLITE_OK) {
        log_event(recording, (struct recording_event){RECORDING_DELETE, file_number(recording, name), 0, 0, NULL, 0});
        if (syncs_directory) log_event(recording, (struct recording_event){RECORDING_SYNC_DIRECTORY, -1, 0, 0, NULL, 0});
    }
    pthread_mutex_unlock(&recording->lock);
    return result;
}

static int vfs_access(sqlite3_vfs *self, const char *name, int flags, int *result) {
    (void)self;
    return behind()->xAccess(behind(), name, flags, result);
}

static int vfs_full_pathname(sqlite3_vfs *self, const char *name, int length, char *result) {
    (void)self;
    return behind()->xFullPathname(behind(), name, length, result);
}

static int vfs_randomness(sqlite3_vfs *self, int length, char *result) {
    (void)self;
    return behind()->xRandomness(behind(), length, result);
}

static int vfs_sleep(sqlite3_vfs *self, int microseconds) {
    (void)self;
    return behind()->xSleep(behind(), microseconds);
}

static int vfs_current_time(sqlite3_vfs *self, double *result) {
    (void)self;
    return behind()->xCurrentTime(behind(), result);
}

static int vfs_last_error(sqlite3_vfs *self, int length, char *text) {
    (void)self;
    return behind()->xGetLastError(behind(), length, text);
}

static int vfs_current_time_int64(sqlite3_vfs *self, sqlite3_int64 *result) {
    (void)self;
    return behind()->xCurrentTimeInt64(behind(), result);
}

static int registration = SQLITE_ERROR;

static void register_once(void) {
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (!real) return;
    vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(struct recorded_file) + real->szOsFile,
        .mxPathname = real->mxPathname,
        .zName = "recording",
        .pAppData = real,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_pathname,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_current_time,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_current_time_int64,
    };
    registration = sqlite3_vfs_register(&vfs, 0);
}

int recording_register(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    return registration;
}

/* Recordings */

struct recording *recording_begin(const char *directory) {
    struct recording *recording = calloc(1, sizeof *recording);
    if (!recording) return NULL;
    recording->directory = strdup(directory);
    if (!recording->directory) {
        free(recording);
        return NULL;
    }
    pthread_mutex_init(&recording->lock, NULL);
    pthread_mutex_lock(&registry_lock);
    recording->next = registry;
    registry = recording;
    pthread_mutex_unlock(&registry_lock);
    return recording;
}

void recording_end(struct recording *recording) {
    pthread_mutex_lock(&registry_lock);
    for (struct recording **place = &registry; *place; place = &(*place)->next) {
        if (*place != recording) continue;
        *place = recording->next;
        break;
    }
    pthread_mutex_unlock(&registry_lock);
    for (size_t index = 0; index < recording->count; index++) free((void *)recording->events[index].data);
    for (int file = 0; file < FILES_MAX; file++) free(recording->files[file]);
    free(recording->events);
    free(recording->directory);
    pthread_mutex_destroy(&recording->lock);
    free(recording);
}

size_t recording_count(struct recording *recording) {
    pthread_mutex_lock(&recording->lock);
    size_t count = recording->count;
    pthread_mutex_unlock(&recording->lock);
    return count;
}

struct recording_event recording_event_at(struct recording *recording, size_t index) {
    pthread_mutex_lock(&recording->lock);
    struct recording_event event = {RECORDING_MARK, -1, 0, 0, NULL, 0};
    if (index < recording->count) event = recording->events[index];
    pthread_mutex_unlock(&recording->lock);
    return event;
}

const char *recording_file(struct recording *recording, int file) {
    pthread_mutex_lock(&recording->lock);
    const char *name = file >= 0 && file < FILES_MAX ? recording->files[file] : NULL;
    pthread_mutex_unlock(&recording->lock);
    return name;
}

void recording_mark(struct recording *recording, int64_t value) {
    pthread_mutex_lock(&recording->lock);
    log_event(recording, (struct recording_event){RECORDING_MARK, -1, 0, value, NULL, 0});
    pthread_mutex_unlock(&recording->lock);
}

void recording_fail(struct recording *recording, int fault, int64_t nth, int lasting) {
    pthread_mutex_lock(&recording->lock);
    recording->fault = fault;
    recording->countdown = nth;
    recording->lasting = lasting;
    recording->met = 0;
    pthread_mutex_unlock(&recording->lock);
}

int64_t recording_faults_met(struct recording *recording) {
    pthread_mutex_lock(&recording->lock);
    int64_t met = recording->met;
    pthread_mutex_unlock(&recording->lock);
    return met;
}

/* Digest: FNV-1a over the octets of all values */

static uint64_t digest_octets(uint64_t digest, const void *data, size_t length) {
    const unsigned char *octets = data;
    for (size_t index = 0; index < length; index++) digest = (digest ^ octets[index]) * 1099511628211u;
    return (digest ^ length) * 1099511628211u;
}

static int digest_rows(sqlite3 *connection, const char *sql, uint64_t *digest) {
    sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(connection, sql, -1, &rows, NULL);
    if (result != SQLITE_OK) return result;
    while ((result = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(rows); column++) {
            int type = sqlite3_column_type(rows, column);
            *digest = digest_octets(*digest, &type, sizeof type);
            const void *value = sqlite3_column_blob(rows, column);
            if (value) *digest = digest_octets(*digest, value, (size_t)sqlite3_column_bytes(rows, column));
        }
    }
    sqlite3_finalize(rows);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

int recording_digest(sqlite3 *connection, uint64_t *digest) {
    *digest = 14695981039346656037u;
    sqlite3_stmt *tables = NULL;
    int result = sqlite3_prepare_v2(connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", -1, &tables, NULL);
    if (result != SQLITE_OK) return result;
    while ((result = sqlite3_step(tables)) == SQLITE_ROW) {
        char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", sqlite3_column_text(tables, 0));
        if (!sql) abort();
        int rows = digest_rows(connection, sql, digest);
        sqlite3_free(sql);
        if (rows != SQLITE_OK) {
            sqlite3_finalize(tables);
            return rows;
        }
    }
    sqlite3_finalize(tables);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}
