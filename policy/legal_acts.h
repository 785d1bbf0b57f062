// Which acts the state of an agreement allows its parties.
#ifndef ENTENTE_POLICY_LEGAL_ACTS_H_
#define ENTENTE_POLICY_LEGAL_ACTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/register.h"

namespace entente::policy {

// Acts as a person writes them after `entente agreement`.
inline constexpr absl::string_view kSuspendWord = "suspend";
inline constexpr absl::string_view kSuspendSendingWord = "suspend --sending";
inline constexpr absl::string_view kResumeWord = "resume";
inline constexpr absl::string_view kResumeSendingWord = "resume --sending";
inline constexpr absl::string_view kWithdrawWord = "withdraw";

// The versions by which `agency` acts at `now`, lowest first: open ones
// (AgreementRecord::IsOpen) that name it as a party and that it has not left.
std::vector<const VersionRecord*> VersionsOf(const AgreementRecord& record,
                                             const std::string& agency,
                                             absl::Time now);

// What `agency` may do at `now`, of the words above and in their order. Alone,
// it may always restrict: suspend what is in force for it, and leave what is or
// may yet be. What it suspended it may resume as long as the agreement has not
// ended, also if no version names it any more. `governance.suspend` is about
// the whole agreement alone; one version that lets the agency do so is enough.
std::vector<std::string> LegalActs(const AgreementRecord& record,
                                   const std::string& agency, absl::Time now);

// `west-police may now: resume, withdraw`, or that it can do nothing more.
std::string LegalActsInWords(const AgreementRecord& record,
                             const std::string& agency, absl::Time now);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_LEGAL_ACTS_H_
