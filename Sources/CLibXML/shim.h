#include <libxml/xmlversion.h>
// Debian's libxml2 draws in the headers of ICU, which are of another version than Foundation's: a file that sees both does not compile.
// No field that they add is used.
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
