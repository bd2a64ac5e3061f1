#ifndef CONSOLE_ASSETS_H
#define CONSOLE_ASSETS_H

#include <stddef.h>

/// A file of the folder `assets`, as it was when the program was built.
struct console_asset {
    const char *name;
    const unsigned char *bytes;
    size_t length;
};

/// Null past the last.
const struct console_asset *console_asset_at(size_t index);

/// A page of the folder `docs`, named without its ending. Null past the last.
const struct console_asset *handbook_page_at(size_t index);

#endif
