#include "client/doctor.h"

#include <utility>

#include "client/profile_renewal.h"

namespace entente::client {
namespace {

bool IsOk(const std::vector<Check>& checks, CheckId id) {
  return checks[static_cast<size_t>(id)].state == CheckState::kOk;
}

// The first of the certificate's own checks that failed, so that a broker
// would refuse it whatever it thinks of us; or nullopt.
absl::optional<CheckId> OwnFault(const std::vector<Check>& local) {
  for (const Check& check : local) {
    if (check.state == CheckState::kNotOk) return check.id;
  }
  return absl::nullopt;
}

TlsTarget TargetOf(const OwnFiles& files, bool show_own, absl::Time now) {
  TlsTarget target;
  target.address = files.settings->broker_address;
  target.accept = [&files, now](absl::Span<const certs::Certificate> chain) {
    return JudgeBroker(files, chain, now).state == CheckState::kOk;
  };
  if (show_own) {
    target.chain = files.chain;
    target.key = files.key;
  }
  return target;
}

void Skip(CheckId because, std::vector<Check>* checks) {
  while (checks->size() < static_cast<size_t>(kChecks)) {
    checks->push_back(
        NotChecked(static_cast<CheckId>(checks->size()), because));
  }
}

// What only the broker's answer tells; `checks` goes up to `broker` so far.
void ExamineAnswer(const std::string& folder, const OwnFiles& files,
                   Outside& outside, std::vector<Check>* checks) {
  StatusAnswer answer;
  answer.asked = outside.Now();
  absl::StatusOr<v1::GetStatusResponse> response = outside.AskStatus(folder);
  answer.answered = outside.Now();
  if (!response.ok()) {
    checks->push_back(ExplainRefusal(files, response.status()));
    return Skip(CheckId::kRegistered, checks);
  }
  answer.response = *std::move(response);
  Check pin = ExaminePin(files, answer);
  const bool same = pin.state == CheckState::kOk;
  checks->back() = std::move(pin);
  checks->push_back(ExamineCaller(files, answer));
  if (!same) return Skip(CheckId::kBroker, checks);
  checks->push_back(ExamineClock(answer));
  checks->push_back(ExamineAgreements(files, answer));
}

}  // namespace

std::vector<Check> Examine(const std::string& folder, Outside& outside) {
  const absl::Time now = outside.Now();
  // If it cannot be finished, the checks say what is wrong with the pair.
  FinishSwap(folder).IgnoreError();
  const OwnFiles files = ReadOwnFiles(folder);
  std::vector<Check> checks = ExamineFiles(files, now);
  if (!files.settings.has_value()) {
    Skip(CheckId::kFiles, &checks);
    return checks;
  }
  const absl::optional<CheckId> fault = OwnFault(checks);
  const TlsFinding finding =
      outside.Probe(TargetOf(files, !fault.has_value(), now));
  for (Check& check : ExamineConnection(files, finding, now)) {
    checks.push_back(std::move(check));
  }
  for (const CheckId id :
       {CheckId::kNetwork, CheckId::kTls, CheckId::kBroker}) {
    if (IsOk(checks, id)) continue;
    Skip(checks[static_cast<size_t>(id)].state == CheckState::kNotOk
             ? id
             : CheckId::kFiles,
         &checks);
    return checks;
  }
  if (fault.has_value()) {
    Skip(*fault, &checks);
  } else if (finding.outcome != TlsOutcome::kServed) {
    checks.push_back(ExplainHangUp(files, finding));
    Skip(CheckId::kRegistered, &checks);
  } else {
    ExamineAnswer(folder, files, outside, &checks);
  }
  return checks;
}

}  // namespace entente::client
