#include "mailbox.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct mailbox {
    CURL *curl;
    unsigned char *bytes;
    size_t length, capacity, bytes_max;
    int is_too_long;
    atomic_int is_stopped;
    char error[CURL_ERROR_SIZE];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
    mailbox *box = context;
    size_t length = size * count;
    if (length > box->bytes_max - box->length) {
        box->is_too_long = 1;
        return 0;
    }
    if (box->length + length > box->capacity) {
        size_t capacity = box->capacity ? box->capacity : 16384;
        while (capacity < box->length + length) capacity *= 2;
        unsigned char *grown = realloc(box->bytes, capacity);
        if (!grown) return 0;
        box->bytes = grown;
        box->capacity = capacity;
    }
    memcpy(box->bytes + box->length, bytes, length);
    box->length += length;
    return length;
}

/// Answers that are no content are read by libcurl itself.
static size_t drop(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static int progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    mailbox *box = context;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&box->is_stopped);
}

mailbox *mailbox_open(const mailbox_settings *settings)
{
    pthread_once(&once, initialise);
    mailbox *box = calloc(1, sizeof *box);
    if (!box) return NULL;
    box->curl = curl_easy_init();
    if (!box->curl) {
        free(box);
        return NULL;
    }
    CURL *curl = box->curl;
    int is_set = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s") == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password) == CURLE_OK
        && (!settings->roots || curl_easy_setopt(curl, CURLOPT_CAINFO, settings->roots) == CURLE_OK)
        && curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, settings->connect_seconds) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_TIMEOUT, settings->command_seconds) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, box->error) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_WRITEDATA, box) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, drop) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress) == CURLE_OK
        && curl_easy_setopt(curl, CURLOPT_XFERINFODATA, box) == CURLE_OK;
    if (!is_set) {
        mailbox_close(box);
        return NULL;
    }
    return box;
}

void mailbox_close(mailbox *box)
{
    curl_easy_cleanup(box->curl);
    free(box->bytes);
    free(box);
}

static int perform(mailbox *box, const char *url, const char *command, long has_no_body, size_t bytes_max)
{
    box->length = 0;
    box->bytes_max = bytes_max;
    box->is_too_long = 0;
    box->error[0] = 0;
    CURLcode code = curl_easy_setopt(box->curl, CURLOPT_URL, url);
    if (code == CURLE_OK) code = curl_easy_setopt(box->curl, CURLOPT_CUSTOMREQUEST, command);
    if (code == CURLE_OK) code = curl_easy_setopt(box->curl, CURLOPT_NOBODY, has_no_body);
    if (code == CURLE_OK) code = curl_easy_perform(box->curl);
    return (int)code;
}

int mailbox_ask(mailbox *box, const char *url, const char *command, size_t bytes_max, const unsigned char **bytes, size_t *length)
{
    int code = perform(box, url, command, 0, bytes_max);
    *bytes = box->bytes;
    *length = box->length;
    return code;
}

int mailbox_tell(mailbox *box, const char *url, const char *command) { return perform(box, url, command, 1, 0); }

const char *mailbox_error(const mailbox *box, int code)
{
    if (box->is_too_long) return "the answer is longer than is taken";
    return box->error[0] ? box->error : curl_easy_strerror((CURLcode)code);
}

void mailbox_stop(mailbox *box) { atomic_store(&box->is_stopped, 1); }
