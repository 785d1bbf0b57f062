#include "policy/compiled_agreement.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

constexpr size_t kMaxParties = 40;

CompiledAgreement::IndexedFlow IndexFlow(const Flow& flow, size_t index,
                                         const Dataset& dataset) {
  CompiledAgreement::IndexedFlow indexed;
  indexed.flow = &flow;
  indexed.index = index;
  for (const auto& [name, treatment] : flow.release) {
    CompiledAgreement::IndexedFlow::Release release;
    release.treatment = &treatment;
    release.transform = treatment.transform;
    release.index = indexed.release.size();
    if (treatment.transform == Transform::kPseudonym) {
      const auto scheme = dataset.identifiers.find(name);
      if (scheme != dataset.identifiers.end()) release.scheme = scheme->second;
    }
    if (treatment.transform != Transform::kWithhold) ++indexed.released;
    indexed.release.emplace(name, release);
  }
  for (const Requirement requirement : flow.require) {
    indexed.requirements |= CompiledAgreement::BitOf(requirement);
  }
  for (const Method method : flow.methods) {
    indexed.methods |= CompiledAgreement::BitOf(method);
  }
  return indexed;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledAgreement>>
CompiledAgreement::Create(Agreement agreement, const crypto::Hash& digest) {
  if (agreement.parties.size() > kMaxParties) {
    return absl::InvalidArgumentError(absl::StrCat("agreement ", agreement.id,
                                                   " has more than ",
                                                   kMaxParties, " parties"));
  }
  return std::shared_ptr<const CompiledAgreement>(
      new CompiledAgreement(std::move(agreement), digest));
}

CompiledAgreement::CompiledAgreement(Agreement agreement,
                                     const crypto::Hash& digest)
    : document_(std::move(agreement)),
      digest_(digest),
      from_(document_.valid.FromInstant()),
      until_(document_.valid.UntilInstant()) {
  for (const auto& [id, party] : document_.parties) {
    party_bits_.emplace(id, uint64_t{1} << party_bits_.size());
  }
  const Dataset none;
  for (size_t i = 0; i < document_.flows.size(); ++i) {
    const Flow& flow = document_.flows[i];
    const auto dataset = document_.datasets.find(flow.dataset);
    IndexedFlow indexed = IndexFlow(
        flow, i, dataset == document_.datasets.end() ? none : dataset->second);
    for (const std::string& id : flow.from) {
      indexed.from |= PartyBit(id).value_or(0);
    }
    for (const std::string& id : flow.to) {
      indexed.to |= PartyBit(id).value_or(0);
    }
    flows_.push_back(std::move(indexed));
    for (const std::string& purpose : flow.purposes) {
      routes_[{purpose, flow.dataset}].push_back(i);
    }
  }
}

std::optional<uint64_t> CompiledAgreement::PartyBit(
    absl::string_view agency) const {
  const auto found = party_bits_.find(agency);
  if (found == party_bits_.end()) return std::nullopt;
  return found->second;
}

bool CompiledAgreement::IsParty(absl::string_view agency) const {
  return party_bits_.contains(agency);
}

const CompiledAgreement::IndexedFlow* CompiledAgreement::FindRoute(
    absl::string_view sender, absl::string_view recipient,
    absl::string_view purpose, absl::string_view dataset) const {
  const std::optional<uint64_t> from = PartyBit(sender);
  const std::optional<uint64_t> to = PartyBit(recipient);
  if (!from || !to || *from == *to) return nullptr;
  const auto route = routes_.find(std::make_pair(purpose, dataset));
  if (route == routes_.end()) return nullptr;
  const IndexedFlow* found = nullptr;
  for (const size_t index : route->second) {
    const IndexedFlow& flow = flows_[index];
    if ((flow.from & *from) == 0 || (flow.to & *to) == 0) continue;
    if (found != nullptr) return nullptr;
    found = &flow;
  }
  return found;
}

}  // namespace entente::policy
