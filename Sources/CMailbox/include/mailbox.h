#ifndef POSTERN_MAILBOX_H
#define POSTERN_MAILBOX_H

#include <stddef.h>

/// One connection to an IMAP or POP3 server through libcurl. For one thread at a time, but for `mailbox_stop`.
typedef struct mailbox mailbox;

typedef struct {
    const char *user;
    const char *password;
    /// PEM file of roots; NULL for the system's.
    const char *roots;
    /// To connect and sign in, and of one command with its answer.
    long connect_seconds;
    long command_seconds;
} mailbox_settings;

/// NULL where there is no memory. The strings are copied. TLS is always wanted and always verified.
mailbox *mailbox_open(const mailbox_settings *settings);

/// Ends the connection politely (POP3 deletes only then) and frees it.
void mailbox_close(mailbox *box);

/// What the server answers to a command, or the content that a URL names where `command` is NULL. At most `bytes_max` octets: more is an
/// error. The octets belong to `box` and hold until the next call. Returns 0, or a code of libcurl.
int mailbox_ask(mailbox *box, const char *url, const char *command, size_t bytes_max, const unsigned char **bytes, size_t *length);

/// POP3 alone: a command whose answer is one line.
int mailbox_tell(mailbox *box, const char *url, const char *command);

/// Why the last call failed, in a few words; valid until the next one.
const char *mailbox_error(const mailbox *box, int code);

/// From any thread: what is under way ends within a second or two, and nothing more is begun.
void mailbox_stop(mailbox *box);

#endif
