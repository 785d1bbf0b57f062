#include "client/send_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/error.h"
#include "crypto/batch_limits.h"
#include "crypto/convert.h"
#include "crypto/hex.h"
#include "policy/decide.h"
#include "policy/explain.h"

namespace entente::client {
namespace {

absl::Status NoFlow(const VerifiedAgreement& verified,
                    const std::string& flow) {
  std::vector<std::string> flows;
  for (const policy::Flow& known : verified.agreement->flows) {
    flows.push_back(known.id);
  }
  return ToStatus({.what = absl::StrCat(verified.id(), " has no flow ", flow),
                   .why = absl::StrCat("it has ", absl::StrJoin(flows, ", ")),
                   .next = "name one of its flows with --flow",
                   .code = "NO_FLOW",
                   .exit = ExitCode::kRefused});
}

// Everything that the flow releases, as if the request were allowed.
policy::Decision Whole(
    const std::shared_ptr<const policy::CompiledAgreement>& agreement,
    const policy::Flow& flow, absl::Time now, const policy::Request& request) {
  policy::Decision decision;
  decision.effect = policy::Effect::kAllow;
  decision.agreement = agreement;
  decision.flow = &flow;
  for (const std::string& field : request.fields) {
    decision.fields.push_back({field, &flow.release.at(field), false});
  }
  for (const policy::PseudonymName& field : request.pseudonyms) {
    decision.fields.push_back(
        {field.name, &flow.release.at(field.name), false});
  }
  decision.now = now;
  decision.good_until = now;
  return decision;
}

absl::StatusOr<policy::Decision> DecideOn(const VerifiedAgreement& verified,
                                          absl::Time now,
                                          const SendRequest& asked) {
  const std::shared_ptr<const policy::Register> reg =
      asked.grant.has_value()
          ? policy::OpenedBy(*asked.grant, *verified.reg, now)
          : verified.reg;
  const policy::AgreementRecord* record = reg->Find(verified.id());
  if (record == nullptr || record->versions.count(verified.version) == 0) {
    return absl::InternalError("a verified agreement is not in its register");
  }
  const auto& agreement = record->versions.at(verified.version).agreement;
  const std::vector<policy::Flow>& flows = agreement->document().flows;
  const auto flow = std::find_if(
      flows.begin(), flows.end(),
      [&](const policy::Flow& known) { return known.id == asked.flow; });
  if (flow == flows.end()) return NoFlow(verified, asked.flow);
  policy::Request request;
  request.agreement = verified.id();
  request.version = verified.version;
  request.caller = asked.sender;
  request.sender = asked.sender;
  request.recipient = asked.recipient;
  request.purpose = asked.purpose;
  request.dataset = flow->dataset;
  request.flow = flow->id;
  request.method =
      policy::MethodOf(asked.method).value_or(policy::Method::kPush);
  for (const auto& [name, value] : asked.accompanying) {
    const auto requirement = policy::RequirementOf(name);
    if (requirement.has_value()) request.carried.push_back(*requirement);
  }
  const auto& identifiers =
      agreement->document().datasets.at(flow->dataset).identifiers;
  for (const auto& [name, treatment] : flow->release) {
    if (treatment.transform == policy::Transform::kWithhold) continue;
    if (treatment.transform == policy::Transform::kPseudonym) {
      request.pseudonyms.push_back({name, identifiers.at(name)});
    } else {
      request.fields.push_back(name);
    }
  }
  policy::Decision decision = policy::Decide(*reg, now, request);
  if (decision.allowed()) return decision;
  if (agreement->document().under.empty()) {
    return Whole(agreement, *flow, now, request);
  }
  const policy::Failure& failure = decision.failures.front();
  return ToStatus({.what = "the agreement does not allow this",
                   .why = absl::StrCat(failure.Code(), ": ", failure.detail,
                                       " (", failure.clause, ")"),
                   .next = failure.Remedy(),
                   .code = failure.Code(),
                   .exit = ExitCode::kRefused});
}

uint32_t MostRecords(const policy::Decision& decision) {
  int64_t most = crypto::kMaxBatchRecords;
  const auto narrow = [&](const policy::Flow& flow) {
    if (flow.limits.records_per_request.has_value()) {
      most = std::min(most, *flow.limits.records_per_request);
    }
  };
  narrow(*decision.flow);
  for (const policy::Decision::Parent& parent : decision.parents) {
    narrow(*parent.flow);
  }
  return static_cast<uint32_t>(most);
}

absl::Status NoWay(const SendRequest& request, absl::string_view what) {
  return ToStatus(
      {.what = absl::StrCat("nothing goes from ", request.sender, " to ",
                            request.recipient, " under this agreement"),
       .why = absl::StrCat("its verified keys have no ", what),
       .next = "name a recipient of the flow with --to",
       .code = "KEY_UNKNOWN",
       .exit = ExitCode::kRefused});
}

absl::StatusOr<BatchRoute> RouteOf(const VerifiedAgreement& verified,
                                   const KeptCheckpoint& view,
                                   const SendRequest& request,
                                   const certs::KeyBundle& recipient,
                                   const certs::EdgeKey& edge) {
  const auto kem = crypto::KemPublicKey::Parse(recipient.kem_key);
  if (!kem.ok()) return kem.status();
  const auto target = crypto::ConversionTarget(recipient.y, edge.key);
  if (!target.ok()) return target.status();
  BatchRoute route = {.agreement = verified.id(),
                      .version = verified.version,
                      .flow = request.flow,
                      .sender = request.sender,
                      .recipient = request.recipient,
                      .purpose = request.purpose,
                      .method = request.method,
                      .dataset = {},
                      .fields = {},
                      .pseudonyms = {},
                      .accompanying = request.accompanying,
                      .epoch = verified.manifest.epoch,
                      .recipient_kem = *kem,
                      .target = *target,
                      .view = view};
  const std::pair<const std::string&, crypto::Hash*> digests[] = {
      {verified.digest, &route.agreement_digest},
      {verified.manifest_digest, &route.manifest_digest},
      {verified.bundle_digests.at(request.sender), &route.sender_bundle},
      {verified.bundle_digests.at(request.recipient), &route.recipient_bundle}};
  for (const auto& [hex, into] : digests) {
    const absl::StatusOr<crypto::Hash> hash = crypto::HashFromHex(hex);
    if (!hash.ok()) return hash.status();
    *into = *hash;
  }
  return route;
}

}  // namespace

std::vector<std::string> RecipientsOf(const policy::Flow& flow,
                                      const std::string& sender) {
  std::vector<std::string> recipients = flow.to;
  recipients.erase(std::remove(recipients.begin(), recipients.end(), sender),
                   recipients.end());
  return recipients;
}

absl::StatusOr<SendPlan> PlanSending(
    const VerifiedAgreement& verified, const KeptCheckpoint& view,
    absl::Time now, const SendRequest& request,
    std::shared_ptr<const policy::DayShift> shift) {
  const absl::StatusOr<policy::Decision> decision =
      DecideOn(verified, now, request);
  if (!decision.ok()) return decision.status();
  absl::StatusOr<policy::RowPlan> rows =
      policy::RowPlan::Create(*decision, std::move(shift));
  if (!rows.ok()) return rows.status();
  const certs::KeyBundle* recipient = verified.FindBundle(request.recipient);
  if (recipient == nullptr || verified.FindBundle(request.sender) == nullptr) {
    return NoWay(request, "bundle of one of them");
  }
  const certs::EdgeKey* edge =
      verified.manifest.FindEdge(request.sender, request.recipient);
  if (edge == nullptr) return NoWay(request, "edge between them");
  for (const std::string& agency : {request.sender, request.recipient}) {
    const auto usable = verified.BundleInDate(agency, now);
    if (!usable.ok()) return usable.status();
  }
  absl::StatusOr<BatchRoute> route =
      RouteOf(verified, view, request, *recipient, *edge);
  if (!route.ok()) return route.status();
  route->dataset = decision->flow->dataset;
  if (request.grant.has_value()) {
    auto grant = crypto::FromHex(request.grant->id);
    if (!grant.ok()) return grant.status();
    route->break_glass = *std::move(grant);
  }
  route->max_records = MostRecords(*decision);
  for (const policy::ReleasedField& field : rows->fields()) {
    route->fields.push_back({field.name, field.type, field.longest});
  }
  route->pseudonyms = rows->pseudonyms();
  return SendPlan{*std::move(rows), *std::move(route)};
}

}  // namespace entente::client
