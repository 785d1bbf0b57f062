#include "policy/decide.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "policy/naive_decide.h"

namespace entente::policy {
namespace {

// One bit for each field of a flow, without allocating for up to 256.
class Marks {
 public:
  explicit Marks(size_t size) : words_((size + 63) / 64, 0) {}

  // False if `index` was marked before.
  bool Mark(size_t index) {
    uint64_t& word = words_[index / 64];
    const uint64_t bit = uint64_t{1} << (index % 64);
    const bool fresh = (word & bit) == 0;
    word |= bit;
    return fresh;
  }

 private:
  absl::InlinedVector<uint64_t, 4> words_;
};

// What stands of a version, apart from its flows.
struct Standing {
  DecisionTable::View table;
  absl::Time from;
  absl::Time until;
};

// The version asked for, if nothing but its days can stand against it. Sets
// `superseded`.
const VersionRecord* FindStanding(const AgreementRecord& record, absl::Time now,
                                  const Request& request,
                                  absl::Time* superseded) {
  const auto found = record.versions.find(request.version);
  if (found == record.versions.end()) return nullptr;
  const VersionRecord& version = found->second;
  if (!version.activated || !version.missing.empty() || record.terminated ||
      record.IsSuspended(request.version) ||
      record.WaitsForWitnesses(request.version) ||
      record.sending_suspended_by.count(request.sender) > 0 ||
      record.HasWithdrawn(request.sender, request.version) ||
      record.HasWithdrawn(request.recipient, request.version) ||
      !version.agreement->document().under.empty()) {
    return nullptr;
  }
  *superseded = record.SupersededFrom(request.version, now);
  return &version;
}

// Answers every field, or returns false if the request may not have them so.
bool AnswerFields(const DecisionTable::FlowRow& row, const Request& request,
                  Decision* decision) {
  const bool batch = request.method != Method::kQuery;
  Marks seen(row.field_count);
  size_t released = 0;
  absl::flat_hash_set<absl::string_view> unlisted;
  const auto answer = [&](const std::string& name, const std::string* scheme) {
    FieldAnswer& field = decision->fields.emplace_back();
    field.name = name;
    const DecisionTable::Field* const found =
        DecisionTable::FindField(row, name);
    if (found != nullptr) {
      if (!seen.Mark(found->index)) return false;
      if (found->transform() == Transform::kWithhold) {
        field.withheld = true;
      } else {
        field.treatment = found->treatment;
        ++released;
        const bool pseudonym = found->transform() == Transform::kPseudonym;
        if (batch && pseudonym != (scheme != nullptr)) return false;
        if (batch && pseudonym && *scheme != *found->scheme) return false;
      }
    } else if (!unlisted.insert(name).second) {
      return false;
    }
    return !batch || field.treatment != nullptr;
  };
  for (const std::string& name : request.fields) {
    if (!answer(name, nullptr)) return false;
  }
  for (const PseudonymName& field : request.pseudonyms) {
    if (!answer(field.name, &field.scheme)) return false;
  }
  return released > 0 && (!batch || released == row.released);
}

// Fills in `decision`, but for its agreement, if the request is allowed, for a
// version under no overarching agreement.
bool Allows(const Standing& standing, absl::Time now, const Request& request,
            Decision* decision) {
  if (now < standing.from || standing.until <= now) return false;
  const bool batch = request.method != Method::kQuery;
  if (request.caller != (batch ? request.sender : request.recipient)) {
    return false;
  }
  const DecisionTable::FlowRow* const row = standing.table.FindRoute(
      request.sender, request.recipient, request.purpose, request.dataset);
  if (row == nullptr) return false;
  if (!request.flow.empty() && request.flow != *row->id) return false;
  if ((row->methods & DecisionTable::BitOf(request.method)) == 0) return false;
  uint32_t carried = 0;
  for (const Requirement requirement : request.carried) {
    carried |= DecisionTable::BitOf(requirement);
  }
  if ((row->requirements & ~carried) != 0) return false;
  if (request.records > row->most_records) return false;
  if (!AnswerFields(*row, request, decision)) return false;
  decision->effect = Effect::kAllow;
  decision->flow = row->flow;
  decision->now = now;
  decision->good_until = standing.until;
  return true;
}

// Fills in `decision` if the compiled form allows the request.
bool AllowsQuickly(const Register& known, absl::Time now,
                   const Request& request, Decision* decision) {
  const Register::Entry* const entry = known.FindEntry(request.agreement);
  if (entry == nullptr) return false;
  const Register::Known& of = **entry;
  if (of.settled != nullptr && of.settled_version == request.version) {
    if (!Allows({of.table, of.from, of.until}, now, request, decision)) {
      return false;
    }
    // Owned through the entry, which was read anyway.
    decision->agreement = {*entry, of.settled.get()};
    return true;
  }
  absl::Time superseded;
  const VersionRecord* const version =
      FindStanding(*of.record, now, request, &superseded);
  if (version == nullptr) return false;
  const CompiledAgreement& agreement = *version->agreement;
  const Standing standing = {
      agreement.table().view(), agreement.from(),
      std::min({superseded, agreement.until(), agreement.overdue()})};
  decision->agreement = version->agreement;
  return Allows(standing, now, request, decision);
}

}  // namespace

Decision Decide(const Register& known, absl::Time now, const Request& request) {
  if (Decision decision; AllowsQuickly(known, now, request, &decision)) {
    return decision;
  }
  Decision judged = NaiveDecide(known, now, request);
  if (!judged.allowed() || !judged.parents.empty()) return judged;
  // The two disagree, which is our own fault, and then the answer is no.
  Decision fault;
  fault.failures.push_back({});
  fault.failures.back().detail =
      "the compiled form differs from its definition";
  return fault;
}

}  // namespace entente::policy
