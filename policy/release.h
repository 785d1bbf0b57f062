// What leaves the sender: row rules and treatments, applied where the data is.
#ifndef ENTENTE_POLICY_RELEASE_H_
#define ENTENTE_POLICY_RELEASE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "crypto/value.h"
#include "policy/day_shift.h"
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
  // overarching one, relative to the decision's `now`. `shift` is the sender's;
  // null if it has none. FailedPrecondition if the decision is not an allowed
  // one, an overarching rule is about a field that the data set lacks, or
  // shift_days has no `shift`.
  static absl::StatusOr<RowPlan> Create(
      const Decision& decision,
      std::shared_ptr<const DayShift> shift = nullptr);

  // The fields whose cells Release reads, each once, in order of their names;
  // the marks of reviewed texts (ReviewMark) are among them.
  const std::vector<std::string>& inputs() const { return inputs_; }

  // What it makes.
  const std::vector<ReleasedField>& fields() const { return fields_; }

  // The fields that travel as pseudonyms. Their identifiers are the caller's
  // matter, which enrols them; they are not among `inputs` on that account.
  const std::vector<PseudonymName>& pseudonyms() const { return pseudonyms_; }

  // The identifiers that say whose days are shifted, each once, by name. They
  // may be among `pseudonyms` too.
  const std::vector<PseudonymName>& subjects() const { return subjects_; }

  // Releases one record, or says every reason why not. `cells` are in the order
  // of `inputs`; nothing, or empty text, is null. A null value breaks every
  // rule about its field. `subjects` are canonical (crypto::Canonicalise), in
  // the order of subjects(); nothing where the record has none.
  RowResult Release(
      absl::Span<const std::optional<absl::string_view>> cells,
      absl::Span<const std::optional<std::string>> subjects = {}) const;

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

  // Where a field comes from.
  struct Source {
    size_t input = 0;
    std::optional<size_t> mark;     // reviewed_text: of inputs_
    std::optional<size_t> person;   // shift_days per field: of inputs_
    std::optional<size_t> subject;  // shift_days per identifier: of subjects_
  };

  RowPlan() = default;
  // `marks` becomes the names of those inputs that are marks of reviewed texts.
  absl::Status CollectInputs(const Decision& decision,
                             std::set<std::string>* marks);
  absl::Status ReadTypes(const Agreement& document, const Dataset& dataset,
                         const std::set<std::string>& marks);
  absl::Status AddFields(const Decision& decision);
  absl::Status AddField(const Decision& decision, const std::string& name);
  void AddRules(const CompiledAgreement& agreement, const Flow& flow,
                absl::string_view prefix);
  // `field` is one of inputs_.
  size_t InputOf(const std::string& field) const;
  // As Treat, for the field at `index`.
  absl::StatusOr<crypto::Value> TreatField(
      size_t index, absl::Span<const TypedCell> cells,
      absl::Span<const std::optional<std::string>> subjects) const;
  // By how much the days of this record are shifted; nothing if it does not say
  // whose they are.
  absl::StatusOr<std::optional<int64_t>> ShiftOf(
      size_t index, absl::Span<const TypedCell> cells,
      absl::Span<const std::optional<std::string>> subjects) const;

  absl::Time now_;
  std::string agreement_;
  std::shared_ptr<const DayShift> shift_;
  std::vector<std::string> inputs_;
  std::vector<Input> types_;  // of inputs_
  std::vector<ReleasedField> fields_;
  std::vector<Source> sources_;  // of fields_
  std::vector<PseudonymName> pseudonyms_;
  std::vector<PseudonymName> subjects_;
  std::vector<Rule> rules_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_RELEASE_H_
