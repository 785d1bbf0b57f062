#include "certs/authority.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "certs/test_agency.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

LeafRequest Request(const std::string& uri) {
  return {
      *Identity::Parse(uri), {}, {}, TestNow(), TestNow() + absl::Hours(24)};
}

TEST(Authority, IssuesWhatItsRootVerifies) {
  const TestAgency agency("northmere");
  const TestHolder holder = agency.Member(Role::kSystem, "records");
  EXPECT_TRUE(holder.key.Matches(holder.chain[0]));
  EXPECT_EQ(holder.chain[0].Identity()->name, "records");
  EXPECT_FALSE(holder.chain[0].IsCa());
  EXPECT_TRUE(agency.authority().root().IsCa());
  EXPECT_TRUE(VerifyChain({holder.chain[0]}, agency.authority().root(),
                          TestNow(), Usage::kClient)
                  .ok());
  EXPECT_EQ(holder.chain[0].SerialHex().size(), 32u);
}

TEST(Authority, ABrokersCertificateServesAndNamesHosts) {
  const TestAgency operators("operators");
  LeafRequest request = Request("spiffe://demo.example/broker/b.example");
  request.dns = {"b.example"};
  request.ips = {"127.0.0.1", "::1"};
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kP256);
  const auto leaf = operators.authority().Issue(request, key);
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_TRUE(leaf->Identity().ok());
  EXPECT_TRUE(VerifyChain({*leaf}, operators.authority().root(), TestNow(),
                          Usage::kServer)
                  .ok());
}

TEST(Authority, RefusesHostNamesOnAnybodyElsesAndBadAddresses) {
  const TestAgency agency("northmere");
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kEd25519);
  LeafRequest request =
      Request("spiffe://demo.example/agency/northmere/system/records");
  request.dns = {"b.example"};
  EXPECT_FALSE(agency.authority().Issue(request, key).ok());
  LeafRequest broker = Request("spiffe://demo.example/broker/b.example");
  broker.ips = {"127.0.0.1,URI:spiffe://evil"};
  EXPECT_FALSE(agency.authority().Issue(broker, key).ok());
  broker.ips.clear();
  broker.dns = {"b.example,URI:spiffe://evil"};
  EXPECT_FALSE(agency.authority().Issue(broker, key).ok());
}

TEST(Authority, BoundsValidityAndNames) {
  const TestAgency agency("northmere");
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kP256);
  LeafRequest request =
      Request("spiffe://demo.example/agency/northmere/system/records");
  request.not_after = request.not_before;
  EXPECT_FALSE(agency.authority().Issue(request, key).ok());
  request.not_after = request.not_before + absl::Hours(24 * kMaxLeafDays + 1);
  EXPECT_FALSE(agency.authority().Issue(request, key).ok());
  EXPECT_FALSE(Authority::Create("x", TestNow(), 1).ok());
  EXPECT_FALSE(Authority::Create("name", TestNow(), 0).ok());
  EXPECT_FALSE(Authority::Create("name", TestNow(), kMaxRootYears + 1).ok());
}

TEST(Authority, IsNamedByTextThatNoTerminalMistakes) {
  for (const std::string& name :
       {std::string("x"), std::string(65, 'x'), std::string("a\nb"),
        std::string("a\0b", 3), std::string("a\xff")}) {
    EXPECT_EQ(Authority::Create(name, TestNow(), 1).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_TRUE(Authority::Create("Heddlu Bro Ŵ", TestNow(), 1).ok());
}

// A signing request for `key`, signed with it, with a subject of its own.
std::string SigningRequest(EVP_PKEY* key, const EVP_MD* digest) {
  X509_REQ* request = X509_REQ_new();
  X509_NAME_add_entry_by_txt(
      X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>("somebody else"), -1, -1, 0);
  X509_REQ_set_pubkey(request, key);
  X509_REQ_sign(request, key, digest);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_REQ(bio, request);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<size_t>(size));
  BIO_free(bio);
  X509_REQ_free(request);
  return pem;
}

TEST(Authority, TakesTheKeyOfASigningRequestAndNothingElse) {
  const TestAgency agency("northmere");
  const LeafRequest request =
      Request("spiffe://demo.example/agency/northmere/system/records");
  const PrivateKey key = *PrivateKey::Generate(PrivateKey::Kind::kEd25519);
  const std::string pem = SigningRequest(key.handle(), nullptr);
  const auto leaf = agency.authority().IssueForRequest(request, pem);
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_TRUE(key.Matches(*leaf));
  EXPECT_EQ(leaf->SubjectText(), "CN=northmere records");
  EXPECT_EQ(*leaf->Identity(), request.identity);
}

TEST(Authority, RefusesARequestWithAnotherKindOfKey) {
  const TestAgency agency("northmere");
  for (EVP_PKEY* key : {EVP_RSA_gen(2048), EVP_EC_gen("P-384")}) {
    EXPECT_EQ(
        agency.authority()
            .IssueForRequest(
                Request(
                    "spiffe://demo.example/agency/northmere/system/records"),
                SigningRequest(key, EVP_sha256()))
            .status()
            .code(),
        absl::StatusCode::kInvalidArgument);
    EVP_PKEY_free(key);
  }
}

TEST(Authority, OpensOnlyWithItsOwnKey) {
  const TestAgency a("northmere");
  const TestAgency b("westvale");
  EXPECT_TRUE(Authority::Open(a.authority().root(), a.authority().key()).ok());
  EXPECT_FALSE(Authority::Open(a.authority().root(), b.authority().key()).ok());
  const TestHolder holder = a.Member(Role::kSystem, "records");
  EXPECT_FALSE(Authority::Open(holder.chain[0], holder.key).ok());
}

TEST(Authority, RefusesASigningRequestThatIsNone) {
  const TestAgency agency("northmere");
  EXPECT_FALSE(
      agency.authority()
          .IssueForRequest(
              Request("spiffe://demo.example/agency/northmere/system/records"),
              "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"
              "-----END CERTIFICATE REQUEST-----\n")
          .ok());
}

}  // namespace
}  // namespace entente::certs
