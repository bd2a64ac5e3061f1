"""What checkdmarc says of domains: `checkdmarc-zones.py PORT DOMAIN…`, a line of JSON for each."""
import json, sys

import dns.resolver
from checkdmarc.dmarc import check_dmarc
from checkdmarc.spf import check_spf

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = ["127.0.0.1"]
resolver.port = int(sys.argv[1])
for domain in sys.argv[2:]:
    spf = check_spf(domain, resolver=resolver, timeout=60.0)
    dmarc = check_dmarc(domain, resolver=resolver, timeout=60.0)
    tags = dmarc.get("tags") or {}
    print(json.dumps({
        "domain": domain, "spf": spf["valid"], "lookups": spf.get("dns_lookups"), "voids": spf.get("dns_void_lookups"),
        "dmarc": dmarc["valid"], "policy": tags.get("p", {}).get("value"), "at": dmarc.get("location"),
    }))
