#include "certs/revocation_list.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "certs/test_agency.h"
#include "gtest/gtest.h"

namespace entente::certs {
namespace {

using OwnedCrl = std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)>;

OwnedCrl Read(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  OwnedCrl crl(PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr),
               X509_CRL_free);
  BIO_free(bio);
  return crl;
}

// What OpenSSL says of `leaf` when told to check `crl`.
int Verify(const TestAgency& agency, const Certificate& leaf, X509_CRL* crl,
           absl::Time now) {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, agency.authority().root().handle());
  X509_STORE_add_crl(store, crl);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.handle(), nullptr);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(parameters, absl::ToTimeT(now));
  X509_VERIFY_PARAM_set_flags(parameters,
                              X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT);
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

TEST(RevocationList, OpenSslRefusesWhatIsOnItAndNothingElse) {
  const TestAgency agency("northmere");
  const Certificate lost = agency.Member(Role::kSystem, "lost").chain[0];
  const Certificate kept = agency.Member(Role::kSystem, "kept").chain[0];
  const auto pem =
      MakeRevocationList(agency.authority(), {{lost.SerialHex(), TestNow()}}, 2,
                         TestNow(), TestNow() + absl::Hours(12));
  ASSERT_TRUE(pem.ok()) << pem.status();
  const OwnedCrl crl = Read(*pem);
  ASSERT_NE(crl, nullptr);
  EXPECT_EQ(Verify(agency, lost, crl.get(), TestNow()),
            X509_V_ERR_CERT_REVOKED);
  EXPECT_EQ(Verify(agency, kept, crl.get(), TestNow()), X509_V_OK);
  EXPECT_EQ(Verify(agency, kept, crl.get(), TestNow() + absl::Hours(13)),
            X509_V_ERR_CRL_HAS_EXPIRED);
}

TEST(RevocationList, MayBeEmptyAndIsSignedByTheRootAlone) {
  const TestAgency agency("northmere");
  const TestAgency other("westvale");
  const auto pem = MakeRevocationList(agency.authority(), {}, 1, TestNow(),
                                      TestNow() + absl::Hours(24));
  ASSERT_TRUE(pem.ok()) << pem.status();
  const OwnedCrl crl = Read(*pem);
  ASSERT_NE(crl, nullptr);
  EXPECT_EQ(X509_CRL_verify(crl.get(), agency.authority().key().handle()), 1);
  EXPECT_NE(X509_CRL_verify(crl.get(), other.authority().key().handle()), 1);
}

TEST(RevocationList, RefusesSerialsAndTimesThatAreNone) {
  const TestAgency agency("northmere");
  const absl::Time later = TestNow() + absl::Hours(24);
  for (const std::string& serial :
       {std::string(), std::string("xyz"), std::string("-1"),
        std::string(41, 'a'), std::string("1\0", 2)}) {
    EXPECT_EQ(MakeRevocationList(agency.authority(), {{serial, TestNow()}}, 1,
                                 TestNow(), later)
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument)
        << serial;
  }
  EXPECT_EQ(MakeRevocationList(agency.authority(), {}, 1, TestNow(), TestNow())
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace entente::certs
