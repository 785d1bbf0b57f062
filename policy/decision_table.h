// One version's flows in one piece of memory, laid out for decisions.
#ifndef ENTENTE_POLICY_DECISION_TABLE_H_
#define ENTENTE_POLICY_DECISION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/agreement.h"

namespace entente::policy {

// With thousands of agreements it is not the comparisons that cost, but the
// waiting for memory. So a table is small, and of two kinds: what finds a flow,
// in few lines of the cache, and each flow in one piece, so that it can be
// asked for at once. The words, which agreements share, lie elsewhere
// (policy/shared_text.h). Immutable and thread-safe. It borrows the document.
class DecisionTable {
  struct Route;

 public:
  struct Field {
    uint32_t hash = 0;          // fields are in the order of it
    uint32_t index : 24;        // position among the flow's fields
    uint32_t transform_of : 8;  // the treatment's
    const std::string* name = nullptr;
    const std::string* scheme = nullptr;  // of a pseudonym; empty otherwise
    const Treatment* treatment = nullptr;

    Transform transform() const { return Transform(transform_of); }
  };

  // Its purposes and its fields stand behind it.
  struct FlowRow {
    const Flow* flow = nullptr;
    uint64_t from = 0;  // bit per party, in the order of their ids
    uint64_t to = 0;
    int64_t most_records = 0;   // in one request
    uint32_t methods = 0;       // BitOf each Method
    uint32_t requirements = 0;  // BitOf each Requirement
    uint32_t released = 0;      // fields that are not withheld
    uint32_t field_count = 0;
    uint32_t purpose_count = 0;
    const std::string* id = nullptr;
    const std::string* dataset = nullptr;
  };

  // What is read of a table, which may be a copy of its bytes elsewhere.
  class View {
   public:
    View() = default;  // of nothing: not to be asked
    explicit View(const uint8_t* memory) : memory_(memory) {}

    // The one flow from `sender` to `recipient` for this purpose and data set;
    // null if there is none, or more than one.
    const FlowRow* FindRoute(absl::string_view sender,
                             absl::string_view recipient,
                             absl::string_view purpose,
                             absl::string_view dataset) const;
    // 0 if it is no party.
    uint64_t PartyBit(absl::string_view agency) const;

   private:
    void Fetch(const Route& route) const;

    const uint8_t* memory_ = nullptr;
  };

  // Of a document that passed its checks, with at most 64 parties.
  explicit DecisionTable(const Agreement& document);

  // The field of `row` with this name, or null.
  static const Field* FindField(const FlowRow& row, absl::string_view name);

  View view() const { return View(memory_.get()); }
  bool HasParty(absl::string_view agency) const {
    return view().PartyBit(agency) != 0;
  }

  // Where the table lies. Copies of it belong where a multiple of kAlignment
  // is, and live no longer than the table.
  static constexpr size_t kAlignment = 64;
  const uint8_t* memory() const { return memory_.get(); }
  size_t bytes() const { return bytes_; }

  // A requirement or method as one bit.
  template <typename Enum>
  static uint32_t BitOf(Enum value) {
    return uint32_t{1} << unsigned(value);
  }

 private:
  class Writer;
  struct Head {
    uint32_t party_count = 0;
    uint32_t route_count = 0;
  };
  struct Route {
    uint32_t hash = 0;  // routes are in the order of it
    uint32_t flow = 0;  // where its row stands
    uint32_t flow_bytes = 0;
    uint32_t purpose = 0;  // position among the flow's
  };

  // Parties stand behind the head, routes behind them.
  static constexpr size_t kPartiesAt = 16;
  static_assert(sizeof(Head) <= kPartiesAt);
  static_assert(sizeof(FlowRow) % alignof(Field) == 0);

  struct Aligned {
    void operator()(uint8_t* memory) const;
  };
  size_t bytes_ = 0;
  std::unique_ptr<uint8_t[], Aligned> memory_;
  std::vector<std::shared_ptr<const std::string>> words_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DECISION_TABLE_H_
