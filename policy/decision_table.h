// One version's flows in one piece of memory, laid out for decisions.
#ifndef ENTENTE_POLICY_DECISION_TABLE_H_
#define ENTENTE_POLICY_DECISION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/agreement.h"

namespace entente::policy {

// With thousands of agreements it is not the comparisons that cost, but the
// waiting for memory: a table is contiguous, so that all of it can be asked for
// at once. Immutable and thread-safe. It borrows the document.
class DecisionTable {
 public:
  struct Field {
    size_t hash = 0;  // fields are in the order of it
    absl::string_view name;
    const Treatment* treatment = nullptr;
    absl::string_view scheme;  // of a pseudonym; empty otherwise
    Transform transform = Transform::kWithhold;  // the treatment's
    uint32_t index = 0;                          // position among the fields
  };

  struct FlowRow {
    const Flow* flow = nullptr;
    absl::string_view id;
    uint64_t from = 0;  // bit per party, in the order of their ids
    uint64_t to = 0;
    int64_t most_records = 0;   // in one request
    uint32_t methods = 0;       // BitOf each Method
    uint32_t requirements = 0;  // BitOf each Requirement
    uint32_t released = 0;      // fields that are not withheld
    uint32_t first_field = 0;
    uint32_t field_count = 0;
  };

  // Of a document that passed its checks, with at most 64 parties.
  explicit DecisionTable(const Agreement& document);
  DecisionTable(const DecisionTable&) = delete;
  DecisionTable& operator=(const DecisionTable&) = delete;

  // The one flow from `sender` to `recipient` for this purpose and data set;
  // null if there is none, or more than one.
  const FlowRow* FindRoute(absl::string_view sender,
                           absl::string_view recipient,
                           absl::string_view purpose,
                           absl::string_view dataset) const;

  // The field of `row` with this name, or null.
  const Field* FindField(const FlowRow& row, absl::string_view name) const;

  bool HasParty(absl::string_view agency) const {
    return PartyBit(agency) != 0;
  }

  // Where the table lies, for asking for it ahead of its use.
  const uint8_t* memory() const { return memory_.get(); }
  size_t bytes() const { return bytes_; }

  // A requirement or method as one bit.
  template <typename Enum>
  static uint32_t BitOf(Enum value) {
    return uint32_t{1} << unsigned(value);
  }

 private:
  struct Route {
    size_t hash = 0;  // routes are in the order of it
    absl::string_view purpose;
    absl::string_view dataset;
    uint32_t flow = 0;
  };

  // 0 if it is no party.
  uint64_t PartyBit(absl::string_view agency) const;
  absl::string_view Keep(absl::string_view text);
  void AddFlow(const Agreement& document, const Flow& flow);

  const size_t bytes_;
  const std::unique_ptr<uint8_t[]> memory_;
  std::pmr::monotonic_buffer_resource pool_;
  std::pmr::vector<absl::string_view> parties_;
  std::pmr::vector<Route> routes_;
  std::pmr::vector<FlowRow> flows_;
  std::pmr::vector<Field> fields_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DECISION_TABLE_H_
