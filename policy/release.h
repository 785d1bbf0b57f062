// What leaves the sender: row rules and treatments, applied where the data is.
#ifndef ENTENTE_POLICY_RELEASE_H_
#define ENTENTE_POLICY_RELEASE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/value.h"
#include "policy/decision.h"
#include "policy/released_field.h"

namespace entente::policy {

// Why a record is not released. No message shows a value.
struct RowFault {
  enum class Kind {
    kBadValue,  // the record is wrong: someone should mend it
    kRule,      // the agreement does not release such records
  };
  Kind kind = Kind::kBadValue;
  std::string field;
  std::string what;    // `is not a date, such as 2027-03-31`
  std::string clause;  // of a rule: `flows[0] crimes.rows[1]`

  bool operator==(const RowFault&) const = default;
};

// A record's values to seal, in the order of RowPlan::fields; or every reason
// why it is not released.
struct RowResult {
  std::vector<crypto::Value> values;
  std::vector<RowFault> faults;

  bool released() const { return faults.empty(); }
};

// One flow's rules for one record at a time. Immutable; thread-safe; about a
// microsecond a field.
class RowPlan {
 public:
  // From an allowed decision about a batch: `fields` are its requested value
  // fields in request order, row rules those of the flow and of every
  // overarching one, relative to the decision's `now`. FailedPrecondition if
  // the decision is not an allowed one, or an overarching rule is about a field
  // that the data set lacks; Unimplemented, naming the field, if a treatment is
  // not built yet.
  static absl::StatusOr<RowPlan> Create(const Decision& decision);

  // The fields whose cells Release reads, each once, in order of their names.
  const std::vector<std::string>& inputs() const { return inputs_; }

  // What it makes.
  const std::vector<ReleasedField>& fields() const { return fields_; }

  // The fields that travel as pseudonyms. Their identifiers are the caller's
  // matter, which enrols them; they are not among `inputs` on that account.
  const std::vector<PseudonymName>& pseudonyms() const { return pseudonyms_; }

  // Releases one record, or says every reason why not. `cells` are in the order
  // of `inputs`; nothing, or empty text, is null. A null value breaks every
  // rule about its field.
  RowResult Release(
      absl::Span<const std::optional<absl::string_view>> cells) const;

 private:
  struct Input {
    Field field;
    std::shared_ptr<const Vocabulary> vocabulary;
  };
  struct Rule {
    size_t input;
    RowRule rule;
    std::string clause;
  };

  RowPlan() = default;
  absl::Status ReadTypes(const Agreement& document, const std::string& dataset);
  absl::Status AddFields(const Decision& decision);
  void AddRules(const CompiledAgreement& agreement, const Flow& flow,
                absl::string_view prefix);
  // `field` is one of inputs_.
  size_t InputOf(const std::string& field) const;

  absl::Time now_;
  std::vector<std::string> inputs_;
  std::vector<Input> types_;  // of inputs_
  std::vector<ReleasedField> fields_;
  std::vector<size_t> field_inputs_;  // of fields_
  std::vector<PseudonymName> pseudonyms_;
  std::vector<Rule> rules_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RELEASE_H_
