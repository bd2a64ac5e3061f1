// Keys of DKIM and certificates of mail hosts through OpenSSL 3; see docs/decisions/0002-libcrypto-for-dkim.md and 0007-certificates-through-libcrypto.md.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
