/* Submits mail as a mail program does: STARTTLS, AUTH PLAIN, one transaction, QUIT; what smtp-source cannot. Options as those of smtp-source
 * where they mean the same.
 *
 *     load [-s sessions] [-m messages] [-l octets] [-f sender] [-t recipient] [-d] [-S] [-a user:password] ADDRESS PORT
 *
 * -d keeps each connection for all messages of its session, -S starts TLS. Each message goes to a recipient of its own (1reader@…). No
 * pipelining, no resumption of TLS sessions; the server's certificate is not verified. One thread and epoll, and the BoringSSL that the
 * release build has made for the gate: it is to cost little beside the server, and OpenSSL 3.0 spends most of a client's handshake on looking
 * for a decoder of the server's key. Ends with 1 at the first reply that is not the wanted one. Prints one line of JSON. */
#define _GNU_SOURCE
#include <CNIOBoringSSL.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum step { GREETING, EHLO, STARTTLS, HANDSHAKE, SECURE_EHLO, AUTH, MAIL, RCPT, DATA, CONTENT, QUIT };

struct session {
    int socket;
    SSL *tls; /* NULL in plaintext */
    enum step step;
    unsigned long message; /* number of the message under way, from 1 */
    double began;          /* seconds: when its transaction, or its connection, began */
    char reply[2048];
    size_t replied;
    const char *unsent; /* what is left of a write */
    size_t unsent_length;
    char command[512];
};

static const char *sender = "writer@sender.test", *recipient = "reader@dest.test";
static unsigned long messages = 1000, begun, accepted;
static int sessions = 50, length = 4096, kept, secure, poller;
static char credentials[512];
static struct sockaddr_in server;
static SSL_CTX *context;
static char *content, version[16];
static float *milliseconds;

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "load: %s: %s\n", what, detail);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* -- Octets ----------------------------------------------------------------------------------------------------------------------------- */

static void watch(struct session *session, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.ptr = session};
    if (epoll_ctl(poller, operation, session->socket, &event)) fail("epoll_ctl", strerror(errno));
}

/* 1: done, 0: to be tried again when the socket is ready */
static int tls_result(struct session *session, int result) {
    if (result > 0) return 1;
    int error = SSL_get_error(session->tls, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        unsigned long code = ERR_get_error();
        fail("TLS", code ? ERR_error_string(code, NULL) : "the connection was closed");
    }
    return 0;
}

static void send_rest(struct session *session) {
    while (session->unsent_length > 0) {
        ssize_t sent;
        if (session->tls) {
            sent = SSL_write(session->tls, session->unsent, (int)session->unsent_length);
            if (!tls_result(session, (int)sent)) break;
        } else {
            sent = write(session->socket, session->unsent, session->unsent_length);
            if (sent < 0 && errno == EAGAIN) break;
            if (sent < 0) fail("write", strerror(errno));
        }
        session->unsent += sent;
        session->unsent_length -= (size_t)sent;
        if (session->unsent_length == 0) return;
    }
    watch(session, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

static void send_octets(struct session *session, enum step step, const char *octets, size_t count) {
    session->step = step;
    session->unsent = octets;
    session->unsent_length = count;
    send_rest(session);
}

static void send_command(struct session *session, enum step step, const char *text) {
    send_octets(session, step, text, strlen(text));
}

/* -- The dialogue ----------------------------------------------------------------------------------------------------------------------- */

static void connect_session(struct session *session) {
    session->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (session->socket < 0) fail("socket", strerror(errno));
    int on = 1;
    setsockopt(session->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(session->socket, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) fail("connect", strerror(errno));
    session->tls = NULL;
    session->step = GREETING;
    session->replied = 0;
    watch(session, EPOLL_CTL_ADD, EPOLLIN);
}

static void close_session(struct session *session) {
    if (session->tls) SSL_free(session->tls);
    close(session->socket);
    session->socket = -1;
}

static void begin_transaction(struct session *session) {
    snprintf(session->command, sizeof session->command, "MAIL FROM:<%s>\r\n", sender);
    send_command(session, MAIL, session->command);
}

static void shake_hands(struct session *session) {
    if (!tls_result(session, SSL_connect(session->tls))) return;
    if (SSL_session_reused(session->tls)) fail("TLS", "a session was resumed");
    snprintf(version, sizeof version, "%s", SSL_get_version(session->tls));
    send_command(session, SECURE_EHLO, "EHLO client.test\r\n");
}

static void start_tls(struct session *session) {
    session->tls = SSL_new(context);
    SSL_set_fd(session->tls, session->socket);
    session->step = HANDSHAKE;
    shake_hands(session);
}

/* The next message, on this connection or a new one. */
static void next_message(struct session *session) {
    if (begun == messages) {
        if (session->socket >= 0) send_command(session, QUIT, "QUIT\r\n");
        return;
    }
    session->message = ++begun;
    session->began = now();
    if (session->socket >= 0) begin_transaction(session);
    else connect_session(session);
}

static void message_accepted(struct session *session) {
    milliseconds[accepted++] = (float)(1e3 * (now() - session->began));
    if (kept) next_message(session);
    else send_command(session, QUIT, "QUIT\r\n");
}

static void want(struct session *session, int code, int wanted) {
    if (code != wanted) fail("unexpected reply", session->reply);
}

static void replied(struct session *session, int code) {
    switch (session->step) {
    case GREETING:
        want(session, code, 220);
        return send_command(session, EHLO, "EHLO client.test\r\n");
    case EHLO:
        want(session, code, 250);
        if (secure) return send_command(session, STARTTLS, "STARTTLS\r\n");
        /* fall through */
    case SECURE_EHLO:
        want(session, code, 250);
        if (*credentials) return send_command(session, AUTH, credentials);
        return begin_transaction(session);
    case STARTTLS:
        want(session, code, 220);
        return start_tls(session);
    case AUTH:
        want(session, code, 235);
        return begin_transaction(session);
    case MAIL:
        want(session, code, 250);
        snprintf(session->command, sizeof session->command, "RCPT TO:<%lu%s>\r\n", session->message, recipient);
        return send_command(session, RCPT, session->command);
    case RCPT:
        want(session, code, 250);
        return send_command(session, DATA, "DATA\r\n");
    case DATA:
        want(session, code, 354);
        return send_octets(session, CONTENT, content, (size_t)length + 3);
    case CONTENT:
        want(session, code, 250);
        return message_accepted(session);
    case QUIT:
        close_session(session);
        return next_message(session);
    case HANDSHAKE:
        fail("unexpected reply", session->reply);
    }
}

/* Takes what is there, and hears the reply once its last line is complete. */
static void receive(struct session *session) {
    do {
        size_t room = sizeof session->reply - 1 - session->replied;
        ssize_t count;
        if (session->tls) {
            count = SSL_read(session->tls, session->reply + session->replied, (int)room);
            if (!tls_result(session, (int)count)) return;
        } else {
            count = read(session->socket, session->reply + session->replied, room);
            if (count < 0 && errno == EAGAIN) return;
            if (count <= 0) fail("read", count < 0 ? strerror(errno) : "the connection was closed");
        }
        session->replied += (size_t)count;
        session->reply[session->replied] = 0;
        if (session->replied == sizeof session->reply - 1) fail("a reply too long", session->reply);
        if (session->reply[session->replied - 1] != '\n') continue;
        session->reply[session->replied - 1] = 0;
        char *line = strrchr(session->reply, '\n');
        line = line ? line + 1 : session->reply;
        session->reply[session->replied - 1] = '\n';
        if (strlen(line) > 3 && line[3] == '-') continue;
        session->replied = 0;
        return replied(session, atoi(line));
    } while (session->tls && SSL_has_pending(session->tls));
}

static void serve(struct session *session, unsigned events) {
    if (session->step == HANDSHAKE) return shake_hands(session);
    if (session->unsent_length > 0 && events & EPOLLOUT) {
        watch(session, EPOLL_CTL_MOD, EPOLLIN);
        send_rest(session);
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(session);
}

/* -- The run ---------------------------------------------------------------------------------------------------------------------------- */

static void make_content(void) {
    content = malloc((size_t)length + 4);
    int used = snprintf(content, (size_t)length,
                        "From: <%s>\r\nTo: <%s>\r\nSubject: A message of the benchmark\r\nDate: Mon, 16 Nov 2026 09:00:00 +0000\r\n"
                        "Message-ID: <load@sender.test>\r\n\r\n",
                        sender, recipient);
    if (used + 80 > length) fail("-l", "too short");
    while (used < length - 2) {
        int line = length - 2 - used < 76 ? length - 2 - used : 76;
        memset(content + used, 'X', (size_t)line);
        used += line;
        if (used < length - 4) {
            memcpy(content + used, "\r\n", 2);
            used += 2;
        }
    }
    memcpy(content + length - 2, "\r\n.\r\n", 6);
}

static void sign_in_as(const char *account) {
    unsigned char plain[300] = {0};
    const char *colon = strchr(account, ':');
    size_t size = strlen(account) + 1;
    if (!colon || size > sizeof plain) fail("-a", "wants user:password");
    memcpy(plain + 1, account, size - 1);
    plain[1 + (colon - account)] = 0;
    strcpy(credentials, "AUTH PLAIN ");
    EVP_EncodeBlock((unsigned char *)credentials + 11, plain, (int)size);
    strcat(credentials, "\r\n");
}

static int ascending(const void *one, const void *other) {
    float difference = *(const float *)one - *(const float *)other;
    return difference < 0 ? -1 : difference > 0;
}

static void report(double seconds) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double processor = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    qsort(milliseconds, accepted, sizeof *milliseconds, ascending);
    printf("{\"messages\": %lu, \"seconds\": %.3f, \"rate\": %.1f, \"tls\": \"%s\", \"processor_seconds\": %.3f, "
           "\"median_ms\": %.2f, \"p99_ms\": %.2f}\n",
           accepted, seconds, (double)accepted / seconds, version, processor, milliseconds[accepted / 2],
           milliseconds[(unsigned long)(0.99 * (double)(accepted - 1))]);
}

int main(int count, char **words) {
    for (int option; (option = getopt(count, words, "s:m:l:f:t:dSa:")) > 0;) switch (option) {
        case 's': sessions = atoi(optarg); break;
        case 'm': messages = strtoul(optarg, NULL, 10); break;
        case 'l': length = atoi(optarg); break;
        case 'f': sender = optarg; break;
        case 't': recipient = optarg; break;
        case 'd': kept = 1; break;
        case 'S': secure = 1; break;
        case 'a': sign_in_as(optarg); break;
        default: return 2;
        }
    if (count - optind != 2 || messages == 0 || sessions < 1) {
        fprintf(stderr, "usage: load [-s sessions] [-m messages] [-l octets] [-f sender] [-t recipient] [-d] [-S] [-a user:password] "
                        "ADDRESS PORT\n");
        return 2;
    }
    server.sin_family = AF_INET;
    server.sin_port = htons((unsigned short)atoi(words[optind + 1]));
    if (inet_pton(AF_INET, words[optind], &server.sin_addr) != 1) fail(words[optind], "not an IPv4 address");
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    /* As OpenSSL's clients do; every server has it. */
    if (!SSL_CTX_set1_groups_list(context, "X25519")) fail("TLS", "no X25519");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    make_content();
    milliseconds = calloc(messages, sizeof *milliseconds);
    poller = epoll_create1(0);

    struct session *all = calloc((size_t)sessions, sizeof *all);
    double start = now(), last = start;
    for (int index = 0; index < sessions; index++) {
        all[index].socket = -1;
        next_message(&all[index]);
    }
    struct epoll_event events[256];
    while (accepted < messages) {
        int ready = epoll_wait(poller, events, 256, -1);
        for (int index = 0; index < ready; index++) serve(events[index].data.ptr, events[index].events);
        last = now();
    }
    report(last - start);
    return 0;
}
