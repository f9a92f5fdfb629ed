/* What the server answers, by path; README.md lists the routes. */
#ifndef HELLO_ROUTES_H
#define HELLO_ROUTES_H

#include "connection.h"

/* Answers the current request now, or leaves the connection ANSWERING until a timer or a socket does. */
void answer(struct connection *connection);

#endif
