#include "CConsoleAssets.h"

// The handbook as it was when the program was built: it can be read where there is no Internet, and fits the program.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page_administration[] = {
#embed "../../docs/administration.md"
};
static const unsigned char page_advise[] = {
#embed "../../docs/advise.md"
};
static const unsigned char page_alerts[] = {
#embed "../../docs/alerts.md"
};
static const unsigned char page_api[] = {
#embed "../../docs/api.md"
};
static const unsigned char page_arc[] = {
#embed "../../docs/arc.md"
};
static const unsigned char page_backup[] = {
#embed "../../docs/backup.md"
};
static const unsigned char page_bounces[] = {
#embed "../../docs/bounces.md"
};
static const unsigned char page_built_in_receiver[] = {
#embed "../../docs/built-in-receiver.md"
};
static const unsigned char page_bulk[] = {
#embed "../../docs/bulk.md"
};
static const unsigned char page_campaigns[] = {
#embed "../../docs/campaigns.md"
};
static const unsigned char page_clients[] = {
#embed "../../docs/clients.md"
};
static const unsigned char page_console[] = {
#embed "../../docs/console.md"
};
static const unsigned char page_dkim[] = {
#embed "../../docs/dkim.md"
};
static const unsigned char page_domains[] = {
#embed "../../docs/domains.md"
};
static const unsigned char page_durability[] = {
#embed "../../docs/durability.md"
};
static const unsigned char page_flow[] = {
#embed "../../docs/flow.md"
};
static const unsigned char page_google[] = {
#embed "../../docs/google.md"
};
static const unsigned char page_groups[] = {
#embed "../../docs/groups.md"
};
static const unsigned char page_limits[] = {
#embed "../../docs/limits.md"
};
static const unsigned char page_lists[] = {
#embed "../../docs/lists.md"
};
static const unsigned char page_microsoft_365[] = {
#embed "../../docs/microsoft-365.md"
};
static const unsigned char page_nodes[] = {
#embed "../../docs/nodes.md"
};
static const unsigned char page_performance[] = {
#embed "../../docs/performance.md"
};
static const unsigned char page_pools[] = {
#embed "../../docs/pools.md"
};
static const unsigned char page_provider_apis[] = {
#embed "../../docs/provider-apis.md"
};
static const unsigned char page_public_pages[] = {
#embed "../../docs/public-pages.md"
};
static const unsigned char page_reputation[] = {
#embed "../../docs/reputation.md"
};
static const unsigned char page_restricted[] = {
#embed "../../docs/restricted.md"
};
static const unsigned char page_review[] = {
#embed "../../docs/review.md"
};
static const unsigned char page_rewriting[] = {
#embed "../../docs/rewriting.md"
};
static const unsigned char page_scan[] = {
#embed "../../docs/scan.md"
};
static const unsigned char page_security[] = {
#embed "../../docs/security.md"
};
static const unsigned char page_settings[] = {
#embed "../../docs/settings.md"
};
static const unsigned char page_shaping[] = {
#embed "../../docs/shaping.md"
};
static const unsigned char page_simulate[] = {
#embed "../../docs/simulate.md"
};
static const unsigned char page_sources[] = {
#embed "../../docs/sources.md"
};
static const unsigned char page_storage[] = {
#embed "../../docs/storage.md"
};
static const unsigned char page_suppressions[] = {
#embed "../../docs/suppressions.md"
};
static const unsigned char page_tls[] = {
#embed "../../docs/tls.md"
};
static const unsigned char page_twin[] = {
#embed "../../docs/twin.md"
};
static const unsigned char page_warm_up[] = {
#embed "../../docs/warm-up.md"
};

static const struct console_asset pages[] = {
    {"administration", page_administration, sizeof page_administration},
    {"advise", page_advise, sizeof page_advise},
    {"alerts", page_alerts, sizeof page_alerts},
    {"api", page_api, sizeof page_api},
    {"arc", page_arc, sizeof page_arc},
    {"backup", page_backup, sizeof page_backup},
    {"bounces", page_bounces, sizeof page_bounces},
    {"built-in-receiver", page_built_in_receiver, sizeof page_built_in_receiver},
    {"bulk", page_bulk, sizeof page_bulk},
    {"campaigns", page_campaigns, sizeof page_campaigns},
    {"clients", page_clients, sizeof page_clients},
    {"console", page_console, sizeof page_console},
    {"dkim", page_dkim, sizeof page_dkim},
    {"domains", page_domains, sizeof page_domains},
    {"durability", page_durability, sizeof page_durability},
    {"flow", page_flow, sizeof page_flow},
    {"google", page_google, sizeof page_google},
    {"groups", page_groups, sizeof page_groups},
    {"limits", page_limits, sizeof page_limits},
    {"lists", page_lists, sizeof page_lists},
    {"microsoft-365", page_microsoft_365, sizeof page_microsoft_365},
    {"nodes", page_nodes, sizeof page_nodes},
    {"performance", page_performance, sizeof page_performance},
    {"pools", page_pools, sizeof page_pools},
    {"provider-apis", page_provider_apis, sizeof page_provider_apis},
    {"public-pages", page_public_pages, sizeof page_public_pages},
    {"reputation", page_reputation, sizeof page_reputation},
    {"restricted", page_restricted, sizeof page_restricted},
    {"review", page_review, sizeof page_review},
    {"rewriting", page_rewriting, sizeof page_rewriting},
    {"scan", page_scan, sizeof page_scan},
    {"security", page_security, sizeof page_security},
    {"settings", page_settings, sizeof page_settings},
    {"shaping", page_shaping, sizeof page_shaping},
    {"simulate", page_simulate, sizeof page_simulate},
    {"sources", page_sources, sizeof page_sources},
    {"storage", page_storage, sizeof page_storage},
    {"suppressions", page_suppressions, sizeof page_suppressions},
    {"tls", page_tls, sizeof page_tls},
    {"twin", page_twin, sizeof page_twin},
    {"warm-up", page_warm_up, sizeof page_warm_up},
};

const struct console_asset *handbook_page_at(size_t index) {
    return index < sizeof pages / sizeof pages[0] ? &pages[index] : 0;
}
