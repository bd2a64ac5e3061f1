/* Takes mail as smtp-sink does, over STARTTLS, which that has not: keeps nothing, and prints how many messages came.
 *
 *     sink PORT CERTIFICATE KEY
 *
 * A thread for each connection; PIPELINING, 8BITMIME. TLS is offered and taken, plaintext too. Where that changes, a line goes to
 * standard output: mesg=, and tls= of how many of them came over TLS. Ends when it is killed. Built with the BoringSSL of the release
 * build, as load.c is. */
#define _GNU_SOURCE
#include <CNIOBoringSSL.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static SSL_CTX *context;
static atomic_ulong messages, encrypted;

struct peer {
    int socket;
    SSL *tls; /* NULL in plaintext */
    char input[65536];
    size_t start, end;
    char output[8192];
    size_t waiting;
};

static int flush_output(struct peer *peer) {
    size_t sent = 0;
    while (sent < peer->waiting) {
        long count = peer->tls ? SSL_write(peer->tls, peer->output + sent, (int)(peer->waiting - sent))
                               : write(peer->socket, peer->output + sent, peer->waiting - sent);
        if (count <= 0) return 0;
        sent += (size_t)count;
    }
    peer->waiting = 0;
    return 1;
}

static int say(struct peer *peer, const char *text) {
    size_t length = strlen(text);
    if (peer->waiting + length > sizeof peer->output && !flush_output(peer)) return 0;
    memcpy(peer->output + peer->waiting, text, length);
    peer->waiting += length;
    return 1;
}

/* More input; what is to be said goes out first, since the other side waits for it. */
static int fill(struct peer *peer) {
    if (!flush_output(peer)) return 0;
    memmove(peer->input, peer->input + peer->start, peer->end - peer->start);
    peer->end -= peer->start;
    peer->start = 0;
    if (peer->end == sizeof peer->input) return 0;
    long count = peer->tls ? SSL_read(peer->tls, peer->input + peer->end, (int)(sizeof peer->input - peer->end))
                           : read(peer->socket, peer->input + peer->end, sizeof peer->input - peer->end);
    if (count <= 0) return 0;
    peer->end += (size_t)count;
    return 1;
}

/* A line with its end taken off; NULL at the end of the connection. */
static char *line(struct peer *peer) {
    size_t looked = peer->start;
    for (;;) {
        char *end = memmem(peer->input + looked, peer->end - looked, "\r\n", 2);
        if (end) {
            char *found = peer->input + peer->start;
            *end = 0;
            peer->start = (size_t)(end + 2 - peer->input);
            return found;
        }
        looked = 0;
        if (!fill(peer)) return NULL;
    }
}

/* Up to the line with the dot. */
static int content(struct peer *peer) {
    if (peer->end - peer->start < 3 && !fill(peer)) return 0;
    for (;;) {
        if (peer->end - peer->start >= 3 && !memcmp(peer->input + peer->start, ".\r\n", 3)) {
            peer->start += 3;
            return 1;
        }
        char *end = memmem(peer->input + peer->start, peer->end - peer->start, "\r\n.\r\n", 5);
        if (end) {
            peer->start = (size_t)(end + 5 - peer->input);
            return 1;
        }
        if (peer->end - peer->start > 4) peer->start = peer->end - 4;
        if (!fill(peer)) return 0;
    }
}

static int start_tls(struct peer *peer) {
    if (!say(peer, "220 2.0.0 Ready\r\n") || !flush_output(peer) || peer->start != peer->end) return 0;
    peer->tls = SSL_new(context);
    return SSL_set_fd(peer->tls, peer->socket) == 1 && SSL_accept(peer->tls) == 1;
}

static void serve(struct peer *peer) {
    if (!say(peer, "220 sink.test ESMTP\r\n")) return;
    for (char *text; (text = line(peer));) {
        if (!strncasecmp(text, "EHLO", 4)) {
            if (!say(peer, peer->tls ? "250-sink.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
                                     : "250-sink.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n")) return;
        } else if (!strcasecmp(text, "STARTTLS") && !peer->tls) {
            if (!start_tls(peer)) return;
        } else if (!strcasecmp(text, "DATA")) {
            if (!say(peer, "354 Go on\r\n") || !content(peer)) return;
            atomic_fetch_add(&messages, 1);
            if (peer->tls) atomic_fetch_add(&encrypted, 1);
            if (!say(peer, "250 2.0.0 OK\r\n")) return;
        } else if (!strcasecmp(text, "QUIT")) {
            if (say(peer, "221 2.0.0 Bye\r\n")) flush_output(peer);
            return;
        } else if (!say(peer, "250 2.0.0 OK\r\n")) {
            return;
        }
    }
}

static void *converse(void *argument) {
    struct peer *peer = argument;
    serve(peer);
    if (peer->tls) {
        SSL_shutdown(peer->tls);
        SSL_free(peer->tls);
    }
    close(peer->socket);
    free(peer);
    return NULL;
}

static void *count(void *unused) {
    for (unsigned long last = 0;; usleep(20000)) {
        unsigned long now = atomic_load(&messages);
        if (now != last) printf("mesg=%lu tls=%lu\n", now, atomic_load(&encrypted));
        last = now;
    }
    return unused;
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 || SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "certificate or key cannot be read\n");
        return 1;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
        perror("listen");
        return 1;
    }
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 262144);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    pthread_create(&thread, &small, count, NULL);
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        if (socket < 0) continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct peer *peer = calloc(1, sizeof *peer);
        peer->socket = socket;
        if (pthread_create(&thread, &small, converse, peer)) {
            close(socket);
            free(peer);
        }
    }
}
