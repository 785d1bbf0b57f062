// What an emergency opens of an agreement: for an hour at most, on the word of
// two.
#ifndef ENTENTE_POLICY_BREAK_GLASS_H_
#define ENTENTE_POLICY_BREAK_GLASS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/decision.h"
#include "policy/register.h"

namespace entente::policy {

// One route of one flow, for one case, on which some fields go as they are.
struct Grant {
  std::string id;  // SHA-256 of what its asker signed: 64 hexadecimal digits
  std::string agreement;
  int64_t version = 0;
  std::string flow;
  std::string sender;
  std::string recipient;
  std::string purpose;
  std::string case_reference;
  std::vector<std::string> fields;  // in order of names, each once
  // All is done as if it counted, but nothing is released.
  bool drill = false;
  // From the second signature until it ends; half open. Never, unless approved.
  absl::Time from = absl::InfiniteFuture();
  absl::Time until = absl::InfiniteFuture();
};

// For how long a grant that was asked for waits for its second signature.
inline constexpr absl::Duration kMaxApprovalWait = absl::Minutes(60);

enum class GrantPhase {
  kAsked,
  kOpen,
  kReportDue,
  kReportOverdue,
  kReported,
  kLapsed,  // nobody approved it in time
  kClosed,  // ended before anybody approved it
};

// `asked`, `open`, `report_due`, `report_overdue`, `reported`, `lapsed`,
// `closed`.
absl::string_view PhaseName(GrantPhase phase);

// What happened to a grant.
struct GrantLife {
  absl::Time asked;
  // Its end is the earliest of its minutes, its closing, and its agreement's
  // being stopped. Not yet: InfiniteFuture.
  absl::Time ended = absl::InfiniteFuture();
  bool reported = false;
  int64_t report_hours = kMaxReportHours;
};

// When the report on `grant` is due; InfiniteFuture before it is approved.
absl::Time ReportDue(const Grant& grant, const GrantLife& life);
GrantPhase PhaseAt(const Grant& grant, const GrantLife& life, absl::Time now);

// Whether `now` is in the grant's time.
bool IsOpen(const Grant& grant, absl::Time now);

// What `document` does not allow of a grant of `minutes`: that it has no
// break_glass, the flow, parties or purpose, a field that it does not list, or
// the time. Empty if all is as listed. Each is a kGrantNotListed with its
// clause.
std::vector<Failure> CheckGrant(const Agreement& document, const Grant& grant,
                                int64_t minutes);

// `known`, so far as it bears on the grant's agreement, with the version that
// the grant names opened by it: the flow releases the granted fields as they
// are, beside what it releases anyway. A field that the document does not list
// is never opened, whatever the grant says, nor one that travels as a
// pseudonym. The overarching agreement still
// narrows. Whether the grant is open is not looked at.
std::shared_ptr<const Register> OpenedBy(const Grant& grant,
                                         const Register& known, absl::Time now);

// Decide (policy/decide.h) on what the grant opens, for a request that names
// it. Refused, beside all that Decide refuses, with every reason why
//   kGrantNotListed    the document does not list what it grants
//   kGrantNotApproved  its second signature is missing
//   kGrantOver         its time is over
//   kGrantDrill        it is a drill
//   kGrantDiffers      it is for another agreement, version, flow, sender,
//                      recipient, purpose or case reference
// so that a drill which would have worked is refused with kGrantDrill alone.
// Strangers learn that there is no agreement. An answer is good until the grant
// ends. About a millisecond: the document is compiled anew.
Decision DecideUnder(const Grant& grant, const Register& known, absl::Time now,
                     const Request& request, absl::string_view case_reference);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_BREAK_GLASS_H_
