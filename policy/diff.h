// What one version of an agreement allows and another does not.
#ifndef ENTENTE_POLICY_DIFF_H_
#define ENTENTE_POLICY_DIFF_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/agreement.h"
#include "policy/route_boxes.h"

namespace entente::policy {

enum class ChangeKind {
  kNewlyAllowed,  // was refused
  kNewlyRefused,  // was allowed
  kWider,         // was allowed, and now more of it
  kNarrower,      // is still allowed, and less of it
  kChanged,       // neither: a person must judge
};

// What a change is about.
enum class Clause {
  kRoute,            // a sender, recipient, purpose and data set
  kFlowName,         // requests name it
  kMethod,           // subject: the method's word
  kField,            // subject: the field
  kRequirement,      // subject: the requirement's word
  kRows,             // subject: the field that the rules test
  kLimit,            // subject: the limit's key
  kRetention,        //
  kProof,            //
  kRecipientDomain,  //
  kIdentifier,       // subject: the pseudonym field of the data set
  kFieldType,        // subject: a field of the data set
  kList,             // subject: the list
  kValidity,         // subject: from, until, valid.review_by…
  kEnrolments,       // subject: the agency
  kUnder,            //
  kOnward,           //
  kBreakGlass,       //
  kReaders,          // subject: the overseer
  kWording,          // anything else; subject: its key
};

// `newly_allowed`; `recipient_domain`. Stable.
absl::string_view WordOf(ChangeKind kind);
absl::string_view WordOf(Clause clause);

struct Change {
  ChangeKind kind = ChangeKind::kChanged;
  Clause clause = Clause::kWording;
  std::string subject = {};   // what of the clause; may be empty
  std::string before = {};    // in words; empty where there was nothing
  std::string after = {};     // in words; empty where there is nothing any more
  std::string sentence = {};  // all of it, for a person
  // Of a route: what moves on it and how, a line each.
  std::vector<std::string> details = {};
};

// Ways of one data set on which the same changes.
struct FlowChanges {
  std::string before;  // `flows[1] crimes-for-analysis`, or empty
  std::string after;
  std::string dataset;
  std::vector<RouteBox> boxes;  // at least one
  std::vector<Change> changes;  // at least one
};

struct AgreementDiff {
  // By the flows after, in the order of the document, then the ones that went.
  std::vector<FlowChanges> flows;
  // About every flow, about a data set's fields, or about people's promises.
  std::vector<Change> whole;

  bool empty() const { return flows.empty() && whole.empty(); }
};

// What changes from `before` to `after`, two documents that passed their
// checks: as a rule two versions of one agreement.
//
// Sound and complete. For any request, each version asked under its own number
// at an instant at which it is in force, and a batch with that version's own
// fields: the answer changes, or what the answer rests on, if and only if a
// change says so whose clause it is. Refused to allowed is kNewlyAllowed,
// kWider or kChanged; allowed to refused is kNewlyRefused, kNarrower or
// kChanged. What becomes of the agreement's validity is in Clause::kValidity.
// Order, repetition and words that say the same are no change. `version` and
// `previous` are not compared, and overarching agreements are not looked at.
//
// Pure. Time is linear in the ways (sender, recipient, purpose) of the flows
// that differ.
AgreementDiff Diff(const Agreement& before, const Agreement& after);

// `crimes-for-analysis`, of `flows[1] crimes-for-analysis`.
absl::string_view FlowIdOf(absl::string_view clause);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIFF_H_
