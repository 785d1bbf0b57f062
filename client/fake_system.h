// For tests: one agency's system at work before the fake broker.
#ifndef ENTENTE_CLIENT_FAKE_SYSTEM_H_
#define ENTENTE_CLIENT_FAKE_SYSTEM_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "client/dealings.h"
#include "client/error.h"
#include "client/fake_broker.h"

namespace entente::client {

// `what: why` of an error, and its code and exit, to be looked at together.
inline std::string Told(const absl::Status& status) {
  if (status.ok()) return "OK";
  const Failure failure = FromStatus(status);
  return absl::StrCat(failure.code, " exit ", static_cast<int>(failure.exit),
                      ": ", failure.what, ": ", failure.why, "; ",
                      failure.next);
}

class FakeSystem {
 public:
  FakeSystem(FakeBroker* broker, const std::string& agency)
      : broker_(*broker),
        profile_(broker->agency(agency).profile()),
        link_(broker->Link(agency)),
        store_(*LocalStore::Open(profile_)),
        view_(&store_->knowledge(), kPact, *LedgerKey(profile_, kPact)) {}

  const Profile& profile() const { return profile_; }
  BrokerLink& link() { return *link_; }
  LocalStore& store() { return *store_; }
  LedgerView& view() { return view_; }
  // What was said on standard error.
  std::string said() const { return err_.str(); }

  absl::StatusOr<VerifiedAgreement> Fetch(uint32_t version = 0) {
    return FetchVerified(*link_, profile_, &store_->knowledge(), kPact,
                         version);
  }
  // Fetches and keeps what was verified, which must succeed.
  Dealings Deal() {
    auto verified = Fetch();
    EXPECT_TRUE(verified.ok()) << Told(verified.status());
    verified_ = *std::move(verified);
    return {profile_, *link_, *store_, *verified_, view_, output_};
  }
  const VerifiedAgreement& verified() const { return *verified_; }

 private:
  FakeBroker& broker_;
  const Profile profile_;
  const std::unique_ptr<BrokerLink> link_;
  const std::unique_ptr<LocalStore> store_;
  LedgerView view_;
  std::ostringstream out_;
  std::ostringstream err_;
  Output output_{&out_, &err_, Format::kTable, false};
  std::optional<VerifiedAgreement> verified_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FAKE_SYSTEM_H_
