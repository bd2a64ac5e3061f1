#include "CConsoleAssets.h"

// The files stand in the program: it needs no folder beside it, and a page cannot be half of one version and half of another.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char style[] = {
#embed "assets/console.css"
};
static const unsigned char script[] = {
#embed "assets/console.js"
};
static const unsigned char icon[] = {
#embed "assets/icon.svg"
};
static const unsigned char layout[] = {
#embed "assets/layout.mustache"
};
static const unsigned char notice[] = {
#embed "assets/notice.mustache"
};
static const unsigned char tiles[] = {
#embed "assets/tiles.mustache"
};
static const unsigned char facts[] = {
#embed "assets/facts.mustache"
};
static const unsigned char table[] = {
#embed "assets/table.mustache"
};
static const unsigned char form[] = {
#embed "assets/form.mustache"
};
static const unsigned char field[] = {
#embed "assets/field.mustache"
};
static const unsigned char timeline[] = {
#embed "assets/timeline.mustache"
};
static const unsigned char calendar[] = {
#embed "assets/calendar.mustache"
};
static const unsigned char chart[] = {
#embed "assets/chart.mustache"
};
static const unsigned char text[] = {
#embed "assets/text.mustache"
};
static const unsigned char links[] = {
#embed "assets/links.mustache"
};
static const unsigned char mail[] = {
#embed "assets/mail.mustache"
};
static const unsigned char live[] = {
#embed "assets/live.mustache"
};
static const unsigned char public_page[] = {
#embed "assets/public.mustache"
};
static const unsigned char public_style[] = {
#embed "assets/public.css"
};
static const unsigned char words_en[] = {
#embed "assets/words-en.json"
};
static const unsigned char words_de[] = {
#embed "assets/words-de.json"
};
static const unsigned char words_fr[] = {
#embed "assets/words-fr.json"
};
static const unsigned char words_es[] = {
#embed "assets/words-es.json"
};

static const struct console_asset assets[] = {
    {"console.css", style, sizeof style},
    {"console.js", script, sizeof script},
    {"icon.svg", icon, sizeof icon},
    {"layout.mustache", layout, sizeof layout},
    {"notice.mustache", notice, sizeof notice},
    {"tiles.mustache", tiles, sizeof tiles},
    {"facts.mustache", facts, sizeof facts},
    {"table.mustache", table, sizeof table},
    {"form.mustache", form, sizeof form},
    {"field.mustache", field, sizeof field},
    {"timeline.mustache", timeline, sizeof timeline},
    {"calendar.mustache", calendar, sizeof calendar},
    {"chart.mustache", chart, sizeof chart},
    {"text.mustache", text, sizeof text},
    {"links.mustache", links, sizeof links},
    {"mail.mustache", mail, sizeof mail},
    {"live.mustache", live, sizeof live},
    {"public.mustache", public_page, sizeof public_page},
    {"public.css", public_style, sizeof public_style},
    {"words-en.json", words_en, sizeof words_en},
    {"words-de.json", words_de, sizeof words_de},
    {"words-fr.json", words_fr, sizeof words_fr},
    {"words-es.json", words_es, sizeof words_es},
};

const struct console_asset *console_asset_at(size_t index) {
    return index < sizeof assets / sizeof assets[0] ? &assets[index] : 0;
}
