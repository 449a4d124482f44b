/*
 * listener: the socket on which a pool is asked, and whose it is.
 *
 * systemd passes one (sd_listen_fds(3)), or the master makes its own at a path. One master serves
 * one path: a lock beside it, PATH.lock, says so. It is the process's own (fcntl(2)): workers do
 * not inherit it, and it ends with the master however that dies. So it tells another master from
 * the workers of a killed one, which hold the old socket until they have answered; a connect()
 * could not. The file stays: to remove it would let two masters lock two files of one name.
 */
#ifndef TICKETRAIL_PROCESS_LISTENER_H
#define TICKETRAIL_PROCESS_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

struct listener {
	const char *path; /* lent; NULL: systemd's */
	int fd, lock_fd;  /* -1: none */
	dev_t dev;        /* of the file we made */
	ino_t ino;        /* 0: we made none */
};

/*
 * systemd's socket, or a new one at path (NULL: only systemd's). 0; else the status with which to
 * exit, after a line on stderr that begins with the program's name. ret->fd is -1 if there is
 * neither. It is close-on-exec and does not block.
 */
int listener_open(const char *program, const char *path, struct listener *ret);

/*
 * Takes no more: the file goes, if it is still the one we made; another master may have replaced
 * it, and need not wait for our last answer.
 */
void listener_close(struct listener *);

#endif
