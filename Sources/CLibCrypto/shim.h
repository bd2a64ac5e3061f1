// RSA and Ed25519 keys through OpenSSL 3; see docs/decisions/0002-libcrypto-for-dkim.md.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
