/* The server: a process per request, so that an attempt may end badly. `probe PATH [ARGUMENT]` tries one thing
 * without serving. */
#define _GNU_SOURCE
#include "probe.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

char descriptors_at_start[256];

static const struct route *const tables[] = {syscall_routes, process_routes, file_routes, resource_routes};

void tell(FILE *out, const char *what, long result) {
    fprintf(out, "%s %s\n", what, result < 0 ? strerrorname_np(errno) : "ok");
}

void tell_in_child(FILE *out, const char *what, int (*body)(const void *), const void *argument) {
    fflush(out);
    pid_t child = fork();
    if (child == 0)
        _exit(body(argument));
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        tell(out, what, -1);
    else if (WIFSIGNALED(status))
        fprintf(out, "%s SIG%s\n", what, sigabbrev_np(WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        fprintf(out, "%s %s\n", what, strerrorname_np(WEXITSTATUS(status)));
    else
        fprintf(out, "%s ok\n", what);
}

static void note_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    size_t used = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory)) && used < sizeof descriptors_at_start;)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(directory))
            used += (size_t)snprintf(descriptors_at_start + used, sizeof descriptors_at_start - used, "%s%s",
                                     used ? " " : "", entry->d_name);
    if (directory)
        closedir(directory);
}

static int try_it(FILE *out, const char *path, const char *argument) {
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct route *route = tables[t]; route->path; route++)
            if (strcmp(route->path, path) == 0) {
                route->run(out, argument);
                return 200;
            }
    fprintf(out, "no such route\n");
    return 404;
}

static void answer(int client) {
    char head[8192];
    size_t length = 0;
    head[0] = '\0';
    while (!strstr(head, "\r\n\r\n") && length < sizeof head - 1) {
        ssize_t got = read(client, head + length, sizeof head - 1 - length);
        if (got <= 0)
            return;
        length += (size_t)got;
        head[length] = '\0';
    }
    char *rest = head;
    strsep(&rest, " ");
    char *target = strsep(&rest, " ");
    char *path = strsep(&target, "?"), *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int status = try_it(out, path ? path : "", target ? target : "");
    fclose(out);
    dprintf(client, "HTTP/1.1 %d Tried\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
            status, size);
    for (size_t sent = 0; sent < size;) {
        ssize_t count = write(client, text + sent, size - sent);
        if (count <= 0)
            return;
        sent += (size_t)count;
    }
}

static int listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, SOMAXCONN) ? -1 : fd;
}

static void ignore_termination(int number) {
    (void)number;
    signal(SIGTERM, SIG_IGN);
}

int main(int argc, char **argv) {
    if (argc > 1)
        return try_it(stdout, argv[1], argc > 2 ? argv[2] : "") == 200 ? 0 : 2;
    note_descriptors();
    signal(SIGCHLD, SIG_IGN); /* nobody waits for the processes of requests */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, ignore_termination);
    const char *port = getenv("PORT");
    int listener = listen_on(port ? atoi(port) : 8080);
    if (listener < 0) {
        fprintf(stderr, "probe: cannot listen: %s\n", strerror(errno));
        return 1;
    }
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        pid_t child = fork();
        if (child == 0) {
            close(listener);
            signal(SIGCHLD, SIG_DFL);
            answer(client);
            _exit(0);
        }
        close(client);
    }
}
