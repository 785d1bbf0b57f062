#include "policy/decide.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "policy/naive_decide.h"

namespace entente::policy {
namespace {

using IndexedFlow = CompiledAgreement::IndexedFlow;

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

bool InForce(const AgreementRecord& record, const VersionRecord& version,
             absl::Time now) {
  return version.activated && version.missing.empty() &&
         version.agreement->from() <= now && now < version.agreement->until() &&
         !record.terminated && record.suspended_by.empty();
}

// Answers every field, or returns false if the request may not have them so.
bool AnswerFields(const IndexedFlow& flow, const Request& request,
                  Decision* decision) {
  const bool batch = request.method != Method::kQuery;
  Marks seen(flow.release.size());
  size_t released = 0;
  absl::flat_hash_set<absl::string_view> unlisted;
  const auto answer = [&](const std::string& name, const std::string* scheme) {
    FieldAnswer field;
    field.name = name;
    const auto found = flow.release.find(name);
    if (found != flow.release.end()) {
      const IndexedFlow::Release& release = found->second;
      if (!seen.Mark(release.index)) return false;
      if (release.transform == Transform::kWithhold) {
        field.withheld = true;
      } else {
        field.treatment = release.treatment;
        ++released;
        const bool pseudonym = release.transform == Transform::kPseudonym;
        if (batch && pseudonym != (scheme != nullptr)) return false;
        if (batch && pseudonym && *scheme != release.scheme) return false;
      }
    } else if (!unlisted.insert(name).second) {
      return false;
    }
    if (batch && field.treatment == nullptr) return false;
    decision->fields.push_back(std::move(field));
    return true;
  };
  for (const std::string& name : request.fields) {
    if (!answer(name, nullptr)) return false;
  }
  for (const PseudonymName& field : request.pseudonyms) {
    if (!answer(field.name, &field.scheme)) return false;
  }
  return released > 0 && (!batch || released == flow.released);
}

// Fills in `decision` if the request is allowed, for a version under no
// overarching agreement.
bool Allows(const AgreementRecord& record, const VersionRecord& version,
            absl::Time now, const Request& request, Decision* decision) {
  if (!InForce(record, version, now)) return false;
  const absl::Time superseded = record.SupersededFrom(request.version, now);
  if (superseded <= now) return false;
  if (record.sending_suspended_by.count(request.sender) > 0) return false;
  const bool batch = request.method != Method::kQuery;
  if (request.caller != (batch ? request.sender : request.recipient)) {
    return false;
  }
  const IndexedFlow* flow = version.agreement->FindRoute(
      request.sender, request.recipient, request.purpose, request.dataset);
  if (flow == nullptr) return false;
  if (!request.flow.empty() && request.flow != flow->flow->id) return false;
  if ((flow->methods & CompiledAgreement::BitOf(request.method)) == 0) {
    return false;
  }
  uint32_t carried = 0;
  for (const Requirement requirement : request.carried) {
    carried |= CompiledAgreement::BitOf(requirement);
  }
  if ((flow->requirements & ~carried) != 0) return false;
  const std::optional<int64_t>& most = flow->flow->limits.records_per_request;
  if (most.has_value() && request.records > *most) return false;
  if (!AnswerFields(*flow, request, decision)) return false;
  decision->effect = Effect::kAllow;
  decision->agreement = version.agreement;
  decision->flow = flow->flow;
  decision->now = now;
  decision->good_until = std::min(superseded, version.agreement->until());
  return true;
}

}  // namespace

Decision Decide(const Register& known, absl::Time now, const Request& request) {
  const AgreementRecord* record = known.Find(request.agreement);
  if (record != nullptr) {
    const auto version = record->versions.find(request.version);
    if (version != record->versions.end()) {
      if (!version->second.agreement->document().under.empty()) {
        return NaiveDecide(known, now, request);
      }
      Decision decision;
      if (Allows(*record, version->second, now, request, &decision)) {
        return decision;
      }
    }
  }
  Decision refused = NaiveDecide(known, now, request);
  if (!refused.allowed()) return refused;
  // The two disagree, which is our own fault, and then the answer is no.
  Decision fault;
  fault.failures.push_back({});
  fault.failures.back().detail =
      "the compiled form differs from its definition";
  return fault;
}

}  // namespace entente::policy
