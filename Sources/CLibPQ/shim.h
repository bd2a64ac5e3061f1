// PostgreSQL's client library, from version 14 on; see docs/decisions/0005-postgresql-through-libpq.md.
#include <libpq-fe.h>
