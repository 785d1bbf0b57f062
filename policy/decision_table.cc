#include "policy/decision_table.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "policy/shared_text.h"

namespace entente::policy {
namespace {

using Word = const std::string*;

uint32_t HashOf(absl::string_view text) {
  return static_cast<uint32_t>(absl::Hash<absl::string_view>()(text));
}

uint32_t HashOf(absl::string_view purpose, absl::string_view dataset) {
  return static_cast<uint32_t>(
      absl::Hash<std::pair<absl::string_view, absl::string_view>>()(
          {purpose, dataset}));
}

// What stands `bytes` behind `begin`, which is one of `T`.
template <typename T>
const T* Behind(const void* begin, size_t bytes) {
  return reinterpret_cast<const T*>(static_cast<const uint8_t*>(begin) + bytes);
}

uint64_t BitsOf(const Agreement& document,
                const std::vector<std::string>& agencies) {
  uint64_t bits = 0;
  uint64_t bit = 1;
  for (const auto& [id, party] : document.parties) {
    if (std::count(agencies.begin(), agencies.end(), id) > 0) bits |= bit;
    bit <<= 1;
  }
  return bits;
}

}  // namespace

// Writes what a table holds one behind the other.
class DecisionTable::Writer {
 public:
  explicit Writer(const Agreement& document) : document_(document) {
    size_t routes = 0;
    for (const Flow& flow : document.flows) routes += flow.purposes.size();
    const size_t parties = document.parties.size();
    const size_t head_at = Extend(kPartiesAt, 1);
    size_t at = Extend(parties * sizeof(Word), 1);
    const size_t route_at = Extend(routes * sizeof(Route), 1);
    for (const auto& [id, party] : document.parties) {
      Write(at, Keep(id));
      at += sizeof(Word);
    }
    Write(head_at, Head{uint32_t(parties), uint32_t(routes)});
    for (const Flow& flow : document.flows) AddFlow(flow);
    std::sort(routes_.begin(), routes_.end(),
              [](const Route& a, const Route& b) { return a.hash < b.hash; });
    for (size_t i = 0; i < routes_.size(); ++i) {
      Write(route_at + i * sizeof(Route), routes_[i]);
    }
  }

  const std::vector<uint8_t>& bytes() const { return bytes_; }
  // Those that stand in `bytes`.
  std::vector<std::shared_ptr<const std::string>> TakeWords() {
    return std::move(words_);
  }

 private:
  // Where `size` more bytes begin.
  size_t Extend(size_t size, size_t alignment) {
    const size_t at = (bytes_.size() + alignment - 1) / alignment * alignment;
    bytes_.resize(at + size, 0);
    return at;
  }
  template <typename T>
  void Write(size_t at, const T& what) {
    std::memcpy(bytes_.data() + at, &what, sizeof what);
  }
  Word Keep(absl::string_view text) {
    words_.push_back(ShareText(text));
    return words_.back().get();
  }

  void AddFlow(const Flow& flow) {
    const size_t at = Extend(sizeof(FlowRow), kAlignment);
    FlowRow row = RowOf(flow);
    row.id = Keep(flow.id);
    row.dataset = Keep(flow.dataset);
    Write(at, row);
    for (const std::string& purpose : flow.purposes) {
      Write(Extend(sizeof(Word), 1), Keep(purpose));
    }
    AddFields(flow);
    for (size_t i = 0; i < flow.purposes.size(); ++i) {
      routes_.push_back({HashOf(flow.purposes[i], flow.dataset), uint32_t(at),
                         uint32_t(bytes_.size() - at), uint32_t(i)});
    }
  }

  FlowRow RowOf(const Flow& flow) const {
    FlowRow row;
    row.flow = &flow;
    row.from = BitsOf(document_, flow.from);
    row.to = BitsOf(document_, flow.to);
    row.most_records = flow.limits.records_per_request.value_or(
        std::numeric_limits<int64_t>::max());
    for (const Method method : flow.methods) row.methods |= BitOf(method);
    for (const Requirement need : flow.require) row.requirements |= BitOf(need);
    for (const auto& [name, treatment] : flow.release) {
      if (treatment.transform != Transform::kWithhold) ++row.released;
    }
    row.field_count = uint32_t(flow.release.size());
    row.purpose_count = uint32_t(flow.purposes.size());
    return row;
  }

  void AddFields(const Flow& flow) {
    std::vector<Field> fields;
    for (const auto& [name, treatment] : flow.release) {
      const bool pseudonym = treatment.transform == Transform::kPseudonym;
      Field field;
      field.hash = HashOf(name);
      field.index = uint32_t(fields.size());
      field.transform_of = uint8_t(treatment.transform);
      field.name = Keep(name);
      field.scheme = Keep(pseudonym ? SchemeOf(document_, flow, name) : "");
      field.treatment = &treatment;
      fields.push_back(field);
    }
    std::sort(fields.begin(), fields.end(),
              [](const Field& a, const Field& b) { return a.hash < b.hash; });
    for (const Field& field : fields) Write(Extend(sizeof(Field), 1), field);
  }

  const Agreement& document_;
  std::vector<uint8_t> bytes_;
  std::vector<Route> routes_;
  std::vector<std::shared_ptr<const std::string>> words_;
};

void DecisionTable::Aligned::operator()(uint8_t* memory) const {
  operator delete[](memory, std::align_val_t(kAlignment));
}

DecisionTable::DecisionTable(const Agreement& document) {
  Writer writer(document);
  bytes_ = writer.bytes().size();
  memory_.reset(new (std::align_val_t(kAlignment)) uint8_t[bytes_]);
  std::memcpy(memory_.get(), writer.bytes().data(), bytes_);
  words_ = writer.TakeWords();
}

uint64_t DecisionTable::View::PartyBit(absl::string_view agency) const {
  const auto* const head = Behind<Head>(memory_, 0);
  const auto* const parties = Behind<Word>(memory_, kPartiesAt);
  for (size_t i = 0; i < head->party_count; ++i) {
    if (*parties[i] == agency) return uint64_t{1} << i;
  }
  return 0;
}

const DecisionTable::FlowRow* DecisionTable::View::FindRoute(
    absl::string_view sender, absl::string_view recipient,
    absl::string_view purpose, absl::string_view dataset) const {
  const uint32_t hash = HashOf(purpose, dataset);
  const auto* const head = Behind<Head>(memory_, 0);
  const auto* const routes =
      Behind<Route>(memory_, kPartiesAt + head->party_count * sizeof(Word));
  const Route* const end = routes + head->route_count;
  const Route* const first = std::lower_bound(
      routes, end, hash,
      [](const Route& a, uint32_t wanted) { return a.hash < wanted; });
  for (const Route* r = first; r != end && r->hash == hash; ++r) Fetch(*r);
  const uint64_t from = PartyBit(sender);
  const uint64_t to = PartyBit(recipient);
  if (from == 0 || to == 0 || from == to) return nullptr;
  const FlowRow* found = nullptr;
  for (const Route* r = first; r != end && r->hash == hash; ++r) {
    const auto* const row = Behind<FlowRow>(memory_, r->flow);
    if ((row->from & from) == 0 || (row->to & to) == 0) continue;
    if (*row->dataset != dataset ||
        *Behind<Word>(row, sizeof(FlowRow))[r->purpose] != purpose) {
      continue;
    }
    if (found != nullptr) return nullptr;
    found = row;
  }
  return found;
}

// Asks for all that will be read of a flow, at once.
void DecisionTable::View::Fetch(const Route& route) const {
  constexpr size_t kMost = 64 * kAlignment;
  const uint8_t* const row = memory_ + route.flow;
  const size_t bytes = std::min<size_t>(route.flow_bytes, kMost);
  for (size_t at = 0; at < bytes; at += kAlignment)
    __builtin_prefetch(row + at);
}

const DecisionTable::Field* DecisionTable::FindField(const FlowRow& row,
                                                     absl::string_view name) {
  const uint32_t hash = HashOf(name);
  const auto* const fields =
      Behind<Field>(&row, sizeof(FlowRow) + row.purpose_count * sizeof(Word));
  const Field* const end = fields + row.field_count;
  const Field* field = std::lower_bound(
      fields, end, hash,
      [](const Field& a, uint32_t wanted) { return a.hash < wanted; });
  for (; field != end && field->hash == hash; ++field) {
    if (*field->name == name) return field;
  }
  return nullptr;
}

}  // namespace entente::policy
