// What is asked of the agreements, and what they answer.
#ifndef ENTENTE_POLICY_DECISION_H_
#define ENTENTE_POLICY_DECISION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/agreement.h"
#include "policy/compiled_agreement.h"
#include "policy/reason.h"

namespace entente::policy {

// A field that travels as a pseudonym, and the scheme of its identifier.
struct PseudonymName {
  std::string name;
  std::string scheme;
  bool operator==(const PseudonymName&) const = default;
};

// One request for a decision. A batch is a request whose method is push,
// subscribe or extract.
struct Request {
  std::string agreement;
  int64_t version = 0;
  // Who calls, by its certificate: the sender of a batch, the recipient of a
  // query.
  std::string caller;
  std::string sender;
  std::string recipient;
  std::string purpose;
  std::string dataset;
  // The flow's id; if empty, the flow is found by the five names above.
  std::string flow;
  Method method = Method::kPush;
  // Fields that travel as values; of a query, all fields asked for.
  std::vector<std::string> fields;
  // Fields that travel as pseudonyms; of a query, none.
  std::vector<PseudonymName> pseudonyms;
  // What accompanies the request.
  std::vector<Requirement> carried;
  int64_t records = 0;  // in the batch; 0 for a query
};

// The word of a document for what accompanies a request, and the other way
// round. Nothing for another word.
std::optional<Requirement> RequirementOf(absl::string_view word);
std::optional<Method> MethodOf(absl::string_view word);

// One condition that failed.
struct Failure {
  Reason reason = Reason::kInternal;
  std::string item;    // for kMissing: `case_reference`
  std::string clause;  // `flows[1] crimes-for-analysis.release`, or empty
  std::string detail;  // what exactly; one line, printable

  // `MISSING:case_reference`, or the reason's code.
  std::string Code() const;
  // What to do: the table's remedy, with who can grant it.
  std::string Remedy() const;

  bool operator==(const Failure&) const = default;
};

// What becomes of one requested field.
struct FieldAnswer {
  std::string name;
  // Null: the field is not released to this request.
  const Treatment* treatment = nullptr;
  // Whether the agreement says `withhold`, or an overarching one narrows the
  // field away, rather than saying nothing.
  bool withheld = false;
};

enum class Effect { kDeny, kAllow };  // zero denies

struct Decision {
  Effect effect = Effect::kDeny;
  // Denied: every failed condition, sorted, at least one. To a stranger,
  // kNoAgreement alone.
  std::vector<Failure> failures;

  // Allowed: the agreement and the flow, which lives as long as it does.
  std::shared_ptr<const CompiledAgreement> agreement;
  const Flow* flow = nullptr;
  // Allowed: per requested field, values then pseudonyms, in request order. A
  // batch has only released ones.
  absl::InlinedVector<FieldAnswer, 16> fields;
  // Allowed: flows of overarching agreements, whose row rules, limits,
  // requirements and retention hold as well; nearest first. Mostly empty.
  struct Parent {
    std::shared_ptr<const CompiledAgreement> agreement;
    const Flow* flow = nullptr;
  };
  std::vector<Parent> parents;
  // Allowed: what was decided on; the answer holds before `good_until`.
  absl::Time now;
  absl::Time good_until;

  bool allowed() const { return effect == Effect::kAllow; }
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DECISION_H_
