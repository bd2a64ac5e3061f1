#include "ldap_session.h"

#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>

enum { page_size = 500 };

struct ldap_session {
    LDAP *ldap;
    struct timeval timeout;
};

static void explain(LDAP *ldap, int code, char *error)
{
    char *detail = NULL;
    if (ldap) ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &detail);
    snprintf(error, LDAP_SESSION_ERROR_BYTES, "%s%s%s", ldap_err2string(code), detail && *detail ? ": " : "", detail ? detail : "");
    ldap_memfree(detail);
}

static int prepare(ldap_session *session, const char *roots)
{
    int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, server = 0, code;
    if ((code = ldap_set_option(session->ldap, LDAP_OPT_PROTOCOL_VERSION, &version))) return code;
    if ((code = ldap_set_option(session->ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF))) return code;
    if ((code = ldap_set_option(session->ldap, LDAP_OPT_NETWORK_TIMEOUT, &session->timeout))) return code;
    if ((code = ldap_set_option(session->ldap, LDAP_OPT_TIMEOUT, &session->timeout))) return code;
    if ((code = ldap_set_option(session->ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand))) return code;
    if ((code = ldap_set_option(session->ldap, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least))) return code;
    if (roots && (code = ldap_set_option(session->ldap, LDAP_OPT_X_TLS_CACERTFILE, roots))) return code;
    return ldap_set_option(session->ldap, LDAP_OPT_X_TLS_NEWCTX, &server);
}

int ldap_session_open(const char *url, int starts_tls, const char *roots, const char *bind_dn, const unsigned char *password,
                      size_t password_length, int timeout_seconds, ldap_session **opened, char *error)
{
    *error = 0;
    ldap_session *session = calloc(1, sizeof *session);
    if (!session) return LDAP_NO_MEMORY;
    session->timeout.tv_sec = timeout_seconds;
    int code = ldap_initialize(&session->ldap, url);
    if (!code) code = prepare(session, roots);
    if (!code && starts_tls) code = ldap_start_tls_s(session->ldap, NULL, NULL);
    if (!code) {
        struct berval secret = {password_length, (char *)password};
        code = ldap_sasl_bind_s(session->ldap, password ? bind_dn : "", LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
    }
    if (code) {
        explain(session->ldap, code, error);
        ldap_session_close(session);
        return code;
    }
    *opened = session;
    return LDAP_SUCCESS;
}

static int take_attribute(ldap_session *session, LDAPMessage *entry, const char *description, ldap_session_take take, void *context)
{
    struct berval **values = ldap_get_values_len(session->ldap, entry, description);
    int code = LDAP_SUCCESS;
    for (int index = 0; values && values[index] && !code; index++) {
        if (take(context, (const unsigned char *)values[index]->bv_val, values[index]->bv_len)) code = LDAP_SIZELIMIT_EXCEEDED;
    }
    ldap_value_free_len(values);
    return code;
}

// What an entry has of an attribute: all of it, or a range of it, which stands behind the name.
static int take_values(ldap_session *session, LDAPMessage *entry, const char *attribute, ldap_session_take take,
                       ldap_session_take_range take_range, void *context)
{
    static const char option[] = ";range=";
    BerElement *place = NULL;
    size_t length = strcspn(attribute, ";");
    int code = LDAP_SUCCESS;
    char *description = ldap_first_attribute(session->ldap, entry, &place);
    while (description) {
        const char *rest = strncasecmp(description, attribute, length) ? NULL : description + length;
        int is_range = rest && !strncasecmp(rest, option, sizeof option - 1);
        if (!code && rest && (!*rest || is_range)) code = take_attribute(session, entry, description, take, context);
        if (!code && is_range) {
            char *dn = ldap_get_dn(session->ldap, entry);
            if (!dn || take_range(context, dn, rest + sizeof option - 1)) code = LDAP_SIZELIMIT_EXCEEDED;
            ldap_memfree(dn);
        }
        ldap_memfree(description);
        description = ldap_next_attribute(session->ldap, entry, place);
    }
    ber_free(place, 0);
    return code;
}

// The cookie of the page that follows; empty after the last one.
static int next_page(ldap_session *session, LDAPMessage *result, struct berval *cookie)
{
    LDAPControl **controls = NULL;
    int answered = LDAP_SUCCESS;
    int code = ldap_parse_result(session->ldap, result, &answered, NULL, NULL, NULL, &controls, 0);
    ber_memfree(cookie->bv_val);
    cookie->bv_val = NULL;
    cookie->bv_len = 0;
    if (!code) code = answered;
    if (!code && controls) {
        LDAPControl *paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
        ber_int_t estimate = 0;
        if (paged) code = ldap_parse_pageresponse_control(session->ldap, paged, &estimate, cookie);
    }
    if (controls) ldap_controls_free(controls);
    return code;
}

int ldap_session_search(ldap_session *session, const char *base, int is_base_only, const char *filter, const char *attribute, int entries_max,
                        ldap_session_take take, ldap_session_take_range take_range, void *context, char *error)
{
    char *attributes[] = {(char *)attribute, NULL};
    struct berval cookie = {0, NULL};
    int code = LDAP_SUCCESS, count = 0;
    *error = 0;
    do {
        LDAPControl *paged = NULL;
        LDAPMessage *result = NULL;
        // Not critical: a server without pages answers with all at once.
        code = ldap_create_page_control(session->ldap, page_size, &cookie, 0, &paged);
        if (code) break;
        LDAPControl *controls[] = {is_base_only ? NULL : paged, NULL};
        code = ldap_search_ext_s(session->ldap, base, is_base_only ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE, filter, attributes, 0, controls,
                                 NULL, &session->timeout, entries_max, &result);
        ldap_control_free(paged);
        for (LDAPMessage *entry = code ? NULL : ldap_first_entry(session->ldap, result); entry && !code;
             entry = ldap_next_entry(session->ldap, entry)) {
            code = ++count > entries_max ? LDAP_SIZELIMIT_EXCEEDED : take_values(session, entry, attribute, take, take_range, context);
        }
        if (!code) code = next_page(session, result, &cookie);
        ldap_msgfree(result);
    } while (!code && cookie.bv_len > 0);
    ber_memfree(cookie.bv_val);
    if (code) explain(session->ldap, code, error);
    return code;
}

void ldap_session_close(ldap_session *session)
{
    if (!session) return;
    if (session->ldap) ldap_unbind_ext_s(session->ldap, NULL, NULL);
    free(session);
}

int ldap_session_is_missing(int code) { return code == LDAP_NO_SUCH_OBJECT; }
