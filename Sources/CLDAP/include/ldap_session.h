#ifndef POSTERN_LDAP_SESSION_H
#define POSTERN_LDAP_SESSION_H

#include <stddef.h>

// One signed-in session with a directory server, over TLS with a certificate that was checked. Not for two threads at once; every call blocks.
typedef struct ldap_session ldap_session;

// Takes one value; not zero ends the search.
typedef int (*ldap_session_take)(void *context, const unsigned char *value, size_t length);

// Takes which part of an attribute's values an entry gave, such as `0-1499` or `1500-*`: Active Directory hands out long ones in ranges, and wants
// the next one to be asked for. Not zero ends the search.
typedef int (*ldap_session_take_range)(void *context, const char *dn, const char *range);

#define LDAP_SESSION_ERROR_BYTES 512

// `roots`: a PEM file, or NULL for those that the machine trusts. `password` may be NULL: nobody signs in. 0, and `*session`, or a result code with the
// reason in `error`, which has LDAP_SESSION_ERROR_BYTES.
int ldap_session_open(const char *url, int starts_tls, const char *roots, const char *bind_dn, const unsigned char *password,
                      size_t password_length, int timeout_seconds, ldap_session **session, char *error);

// Values of one attribute of what is found, below `base` or (`is_base_only`) of it alone. At most `entries_max` entries. 0 or a result code.
// `attribute` may ask for a range: `member;range=1500-*`.
int ldap_session_search(ldap_session *session, const char *base, int is_base_only, const char *filter, const char *attribute, int entries_max,
                        ldap_session_take take, ldap_session_take_range take_range, void *context, char *error);

void ldap_session_close(ldap_session *session);

// Of a search for something that is not there.
int ldap_session_is_missing(int code);

#endif
