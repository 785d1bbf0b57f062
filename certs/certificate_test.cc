#include "certs/certificate.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <functional>

#include "certs/test_agency.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

using testing::HasSubstr;

constexpr char kSystem[] =
    "spiffe://demo.example/agency/northmere/system/records";

// A leaf under `agency` with these subject alternative names (none if empty),
// key and usage, made by OpenSSL directly: ours would refuse to.
Certificate Forge(const TestAgency& agency, const std::string& names,
                  const std::string& usage = "clientAuth",
                  EVP_PKEY* key = nullptr) {
  const PrivateKey own = *PrivateKey::Generate(PrivateKey::Kind::kP256);
  X509* x509 = X509_new();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
  X509* issuer = agency.authority().root().handle();
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(kSystem),
                             -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(issuer));
  ASN1_TIME_set(X509_getm_notBefore(x509), absl::ToTimeT(TestNow()) - 60);
  ASN1_TIME_set(X509_getm_notAfter(x509), absl::ToTimeT(TestNow()) + 60);
  X509_set_pubkey(x509, key == nullptr ? own.handle() : key);
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
  const auto add = [&](int nid, const std::string& value) {
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  };
  add(NID_authority_key_identifier, "keyid:always");
  add(NID_subject_key_identifier, "hash");
  add(NID_ext_key_usage, usage);
  if (!names.empty()) add(NID_subject_alt_name, names);
  X509_sign(x509, agency.authority().key().handle(), EVP_sha256());
  uint8_t* der = nullptr;
  const int size = i2d_X509(x509, &der);
  Certificate made = *Certificate::FromDer({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  X509_free(x509);
  return made;
}

TEST(CertificateIdentity, ComesFromExactlyOneUri) {
  const TestAgency agency("northmere");
  EXPECT_TRUE(Forge(agency, std::string("URI:") + kSystem).Identity().ok());
  const std::pair<std::string, std::string> bad[] = {
      {"", "no URI"},
      {"DNS:northmere.example", "no URI"},
      {std::string("URI:") + kSystem +
           ",URI:spiffe://demo.example/agency/westvale/system/x",
       "2 URIs"},
      {std::string("URI:") + kSystem + ",URI:" + kSystem, "2 URIs"},
      {std::string("URI:") + kSystem + ",email:a@b.example", "of a kind"},
      {std::string("URI:") + kSystem + ",DNS:a.example", "DNS and IP"},
      {std::string("URI:") + kSystem + ",IP:127.0.0.1", "DNS and IP"},
      {"URI:https://northmere.example/", "spiffe"},
  };
  for (const auto& [names, why] : bad) {
    EXPECT_THAT(std::string(Forge(agency, names).Identity().status().message()),
                HasSubstr(why))
        << names;
  }
}

TEST(VerifyChain, SaysWhyACertificateDoesNotCount) {
  const TestAgency a("northmere");
  const TestAgency b("westvale");
  const Certificate root = a.authority().root();
  const TestHolder good = a.Member(Role::kSystem, "records");
  const auto why = [&](const Certificate& leaf, const Certificate& under,
                       absl::Time at) {
    return std::string(
        VerifyChain({leaf}, under, at, Usage::kClient).message());
  };
  EXPECT_EQ(why(good.chain[0], root, TestNow()), "");
  EXPECT_THAT(why(good.chain[0], root, TestNow() + absl::Hours(48)),
              HasSubstr("expired"));
  EXPECT_THAT(why(good.chain[0], root, TestNow() - absl::Hours(2)),
              HasSubstr("not yet valid"));
  EXPECT_THAT(why(good.chain[0], b.authority().root(), TestNow()),
              HasSubstr("issuer"));
  EXPECT_THAT(why(Forge(a, std::string("URI:") + kSystem, "serverAuth"), root,
                  TestNow()),
              HasSubstr("purpose"));
  EVP_PKEY* weak = EVP_RSA_gen(1024);
  EXPECT_THAT(why(Forge(a, std::string("URI:") + kSystem, "clientAuth", weak),
                  root, TestNow()),
              HasSubstr("too weak"));
  EVP_PKEY_free(weak);
  EXPECT_EQ(VerifyChain({}, root, TestNow(), Usage::kAny).code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(VerifyAgencyCertificate, CountsOnlyFromTheAgencysOwnRoot) {
  const TestAgency a("northmere");
  const TestAgency b("westvale");
  const TestHolder good = a.Member(Role::kSignatory, "siro");
  EXPECT_EQ(
      VerifyAgencyCertificate(good.chain, "northmere", a.root_spki(), TestNow())
          ->name,
      "siro");
  // X's name from Y's root.
  const TestHolder forged =
      b.Holder("spiffe://demo.example/agency/northmere/signatory/siro");
  EXPECT_FALSE(VerifyAgencyCertificate(forged.chain, "northmere", a.root_spki(),
                                       TestNow())
                   .ok());
  EXPECT_FALSE(VerifyAgencyCertificate({forged.chain[0], a.authority().root()},
                                       "northmere", a.root_spki(), TestNow())
                   .ok());
  // The right root, another agency.
  EXPECT_FALSE(
      VerifyAgencyCertificate(good.chain, "westvale", a.root_spki(), TestNow())
          .ok());
  EXPECT_FALSE(VerifyAgencyCertificate({good.chain[0]}, "northmere",
                                       a.root_spki(), TestNow())
                   .ok());
}

// `root` with its own key and name, but other dates, signed by `other`: what
// somebody can make who holds neither.
Certificate Prolong(const Certificate& root, const PrivateKey& other) {
  X509* copy = X509_dup(root.handle());
  ASN1_TIME_set(X509_getm_notAfter(copy),
                absl::ToTimeT(root.NotAfter() + absl::Hours(24 * 3650)));
  X509_sign(copy, other.handle(), EVP_sha256());
  uint8_t* der = nullptr;
  const int size = i2d_X509(copy, &der);
  Certificate made = *Certificate::FromDer({der, static_cast<size_t>(size)});
  OPENSSL_free(der);
  X509_free(copy);
  return made;
}

TEST(VerifyAgencyCertificate, ARootSaysOnlyWhatItsOwnKeySigned) {
  const TestAgency agency("northmere");
  const TestAgency other("westvale");
  const TestHolder good = agency.Member(Role::kSignatory, "siro");
  const Certificate altered =
      Prolong(agency.authority().root(), other.authority().key());
  ASSERT_EQ(altered.SpkiSha256(), agency.root_spki());
  EXPECT_EQ(VerifyAgencyCertificate({good.chain[0], altered}, "northmere",
                                    agency.root_spki(), TestNow())
                .status()
                .code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(CertificatePem, RoundTripsAndBoundsChains) {
  const TestAgency agency("northmere");
  const Certificate root = agency.authority().root();
  const std::string pem = root.ToPem();
  EXPECT_EQ(Certificate::FromPem(pem)->Fingerprint(), root.Fingerprint());
  EXPECT_EQ(Certificate::FromDer(root.ToDer())->SpkiSha256(),
            root.SpkiSha256());
  EXPECT_FALSE(Certificate::FromPem("").ok());
  EXPECT_FALSE(Certificate::FromPem("no certificate").ok());
  EXPECT_FALSE(Certificate::FromPem(pem + pem).ok());
  std::string many;
  for (size_t i = 0; i <= kMaxChain; ++i) many += pem;
  EXPECT_FALSE(Certificate::ChainFromPem(many).ok());
  EXPECT_FALSE(
      Certificate::ChainFromPem(std::string(kMaxPemBytes + 1, ' ')).ok());
  std::string damaged = pem;
  damaged[pem.size() / 2] = '!';
  EXPECT_FALSE(Certificate::ChainFromPem(damaged).ok());
  std::vector<uint8_t> der = root.ToDer();
  der.push_back(0);
  EXPECT_FALSE(Certificate::FromDer(der).ok());
}

// Anybody can turn one ECDSA signature into another, and so a certificate into
// one of another fingerprint that verifies as well.
TEST(CertificateTwin, IsWhatRevocationMustKnowToo) {
  const TestAgency agency("northmere");
  const Certificate leaf = agency.Member(Role::kSystem, "records").chain[0];
  const std::string twin = leaf.TwinFingerprint();
  EXPECT_EQ(twin.size(), 64u);
  EXPECT_NE(twin, leaf.Fingerprint());
  EXPECT_EQ(leaf.TwinFingerprint(), twin);

  // Make the twin, as an attacker would, and ask for its own.
  const ASN1_BIT_STRING* signature = nullptr;
  X509* copy = X509_dup(leaf.handle());
  X509_get0_signature(&signature, nullptr, copy);
  const uint8_t* next = ASN1_STRING_get0_data(signature);
  ECDSA_SIG* pair =
      d2i_ECDSA_SIG(nullptr, &next, ASN1_STRING_length(signature));
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BIGNUM* s = BN_new();
  BN_sub(s, EC_GROUP_get0_order(group), ECDSA_SIG_get0_s(pair));
  ECDSA_SIG_set0(pair, BN_dup(ECDSA_SIG_get0_r(pair)), s);
  uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair, &der);
  ASN1_STRING_set(const_cast<ASN1_BIT_STRING*>(signature), der, size);
  OPENSSL_free(der);
  der = nullptr;
  const int whole = i2d_X509(copy, &der);
  const Certificate other =
      *Certificate::FromDer({der, static_cast<size_t>(whole)});
  EXPECT_TRUE(
      VerifyChain({other}, agency.authority().root(), TestNow(), Usage::kClient)
          .ok());
  EXPECT_EQ(other.Fingerprint(), twin);
  EXPECT_EQ(other.TwinFingerprint(), leaf.Fingerprint());
  OPENSSL_free(der);
  EC_GROUP_free(group);
  ECDSA_SIG_free(pair);
  X509_free(copy);
}

TEST(PrivateKey, SignsForItsCertificateAndReadsItsOwnPem) {
  const TestAgency agency("northmere");
  for (const PrivateKey::Kind kind :
       {PrivateKey::Kind::kP256, PrivateKey::Kind::kEd25519}) {
    const PrivateKey key = *PrivateKey::Generate(kind);
    const auto pem = key.ToPem();
    ASSERT_TRUE(pem.ok());
    const absl::string_view text(
        reinterpret_cast<const char*>(pem->Expose().data()), pem->size());
    const auto read = PrivateKey::FromPem(text);
    ASSERT_TRUE(read.ok()) << read.status();
    const Certificate leaf =
        *agency.authority().Issue({*Identity::Parse(kSystem),
                                   {},
                                   {},
                                   TestNow(),
                                   TestNow() + absl::Hours(1)},
                                  *read);
    EXPECT_TRUE(key.Matches(leaf));
    const std::vector<uint8_t> message = {1, 2, 3};
    std::vector<uint8_t> signature = *key.Sign(message);
    EXPECT_TRUE(VerifySignature(leaf, message, signature).ok());
    EXPECT_FALSE(VerifySignature(leaf, {1, 2, 4}, signature).ok());
    for (uint8_t& byte : signature) {
      byte ^= 1;
      EXPECT_FALSE(VerifySignature(leaf, message, signature).ok());
      byte ^= 1;
    }
    EXPECT_FALSE(VerifySignature(leaf, message, {}).ok());
  }
}

TEST(PrivateKey, RefusesOtherKindsAndNonsense) {
  EXPECT_FALSE(PrivateKey::FromPem("").ok());
  EXPECT_FALSE(PrivateKey::FromPem("-----BEGIN PRIVATE KEY-----\nAAAA\n"
                                   "-----END PRIVATE KEY-----\n")
                   .ok());
}

}  // namespace
}  // namespace entente::certs
