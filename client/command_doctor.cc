#include "client/command_doctor.h"

#include "absl/time/clock.h"
#include "client/doctor.h"
#include "client/rpc/broker_link.h"

namespace entente::client {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

class RealOutside final : public Outside {
 public:
  absl::Time Now() override { return absl::Now(); }

  TlsFinding Probe(const TlsTarget& target) override {
    return ProbeTls(target);
  }

  absl::StatusOr<v1::GetStatusResponse> AskStatus(
      const std::string& folder) override {
    const auto profile = Profile::Open(folder);
    if (!profile.ok()) return profile.status();
    const auto link = BrokerLink::Open(*profile);
    if (!link.ok()) return link.status();
    return Call((*link)->directory(), &v1::Directory::Stub::GetStatus,
                v1::GetStatusRequest(), kPatience);
  }
};

absl::Status Doctor(Session& session) {
  const absl::StatusOr<std::string> folder = session.ProfileFolder();
  if (!folder.ok()) return folder.status();
  RealOutside outside;
  const std::vector<Check> checks = Examine(*folder, outside);
  absl::Status verdict = Verdict(checks);
  if (session.out().for_people()) {
    session.out().PrintText(ChecksText(checks));
    return verdict;
  }
  std::vector<Value> answers;
  for (const Check& check : checks) answers.emplace_back(ToRecord(check));
  session.out().Print({{"profile", *folder},
                       {"ok", verdict.ok()},
                       {"checks", std::move(answers)}});
  return verdict;
}

}  // namespace

void RegisterDoctor(Command& root) {
  root.Sub("doctor", "Why a profile does not work, and what to do",
           "entente --profile records doctor")
      .Does(Effect::kReads, Prints::kOne, Doctor);
}

}  // namespace entente::client
