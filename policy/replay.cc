#include "policy/replay.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "policy/decide.h"
#include "policy/request_reasons.h"

namespace entente::policy {
namespace {

bool Names(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Releases(const Treatment& treatment) {
  return treatment.transform != Transform::kWithhold;
}

// The fields that `flow` releases, in order of names.
std::vector<std::string> ReleasedBy(const Flow& flow) {
  std::vector<std::string> names;
  for (const auto& [name, treatment] : flow.release) {
    if (Releases(treatment)) names.push_back(name);
  }
  return names;
}

// Those of `names` that `others` lacks, in order.
std::vector<std::string> Without(std::vector<std::string> names,
                                 std::vector<std::string> others) {
  std::sort(names.begin(), names.end());
  std::sort(others.begin(), others.end());
  std::vector<std::string> rest;
  std::set_difference(names.begin(), names.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

// Why `entry` cannot be asked again; empty if it can.
std::string WhyNot(const LedgerEntry& entry, absl::string_view caller) {
  if (entry.detail.count("break_glass") > 0) return "under break-glass";
  if (caller.empty()) return "the entry does not say which agency asked";
  if (entry.sender.empty() || entry.recipient.empty() ||
      entry.purpose.empty() || entry.dataset.empty() ||
      !MethodOf(entry.method).has_value()) {
    return "the entry does not say what was asked";
  }
  if (entry.fields_omitted > 0) return "the entry leaves fields out";
  for (const EntryReason& reason : entry.reasons) {
    const std::optional<Reason> known = ReasonOf(reason.code);
    if (known == Reason::kWrongForm || known == Reason::kFieldRepeated) {
      return "in which form fields were asked for is in no ledger";
    }
    const bool replays =
        known.has_value() &&
        (IsAboutRequest(*known) || *known == Reason::kQuotaExceeded);
    if (!replays) return absl::StrCat("refused with ", reason.code);
  }
  return "";
}

AgreementRecord InForceAllTheTime(
    const std::shared_ptr<const CompiledAgreement>& agreement) {
  AgreementRecord record;
  record.id = agreement->document().id;
  record.versions[agreement->document().version] = {
      .agreement = agreement, .missing = {}, .activated = true};
  return record;
}

}  // namespace

Replay::Replay(std::shared_ptr<const CompiledAgreement> draft,
               std::vector<std::shared_ptr<const CompiledAgreement>> above)
    : draft_(std::move(draft)), at_(draft_->from()) {
  std::vector<AgreementRecord> records = {InForceAllTheTime(draft_)};
  std::vector<const Agreement*> documents;
  for (const auto& one : above) {
    at_ = std::max(at_, one->from());
    records.push_back(InForceAllTheTime(one));
    documents.push_back(&one->document());
  }
  known_ = Register::Create(std::move(records));
  flows_ = FlowsUnder(draft_->document(), documents);
}

size_t Replay::FlowOf(const LedgerEntry& entry) const {
  const auto found = std::find_if(
      flows_.flows.begin(), flows_.flows.end(), [&](const Flow& flow) {
        return Names(flow.from, entry.sender) &&
               Names(flow.to, entry.recipient) &&
               Names(flow.purposes, entry.purpose) &&
               flow.dataset == entry.dataset;
      });
  return static_cast<size_t>(found - flows_.flows.begin());
}

Request Replay::Ask(const LedgerEntry& entry, absl::string_view caller,
                    const std::vector<std::string>& names) const {
  const Agreement& document = draft_->document();
  Request request;
  request.agreement = document.id;
  request.version = document.version;
  request.caller = std::string(caller);
  request.sender = entry.sender;
  request.recipient = entry.recipient;
  request.purpose = entry.purpose;
  request.dataset = entry.dataset;
  request.method = MethodOf(entry.method).value_or(Method::kPush);
  request.records = static_cast<int64_t>(entry.records);
  for (const auto& [name, value] : entry.accompanying) {
    const auto requirement = RequirementOf(name);
    if (requirement.has_value()) request.carried.push_back(*requirement);
  }
  const size_t at = FlowOf(entry);
  for (const std::string& name : names) {
    if (at == flows_.flows.size()) {
      request.fields.push_back(name);
      continue;
    }
    const Flow& flow = flows_.flows[at];
    const auto treatment = flow.release.find(name);
    if (treatment != flow.release.end() &&
        treatment->second.transform == Transform::kPseudonym) {
      request.pseudonyms.push_back(
          {name, std::string(SchemeOf(document, flow, name))});
    } else {
      request.fields.push_back(name);
    }
  }
  return request;
}

std::vector<Failure> Replay::TakeQuotas(const LedgerEntry& entry, size_t flow) {
  const Limits& limits = flows_.flows[flow].limits;
  const absl::CivilDay day = absl::ToCivilDay(entry.time, absl::UTCTimeZone());
  const bool extract = MethodOf(entry.method) == Method::kExtract;
  const struct {
    const char* name;
    const std::optional<int64_t>& most;
    int64_t amount;
    absl::CivilDay from;
  } uses[] = {
      {"requests_per_day", limits.requests_per_day, 1, day},
      {"records_per_day", limits.records_per_day,
       static_cast<int64_t>(entry.records), day},
      {"extracts_per_year", limits.extracts_per_year, extract ? 1 : 0,
       absl::CivilDay(absl::CivilYear(day))},
  };
  const auto key = [&](const char* name, absl::CivilDay from) {
    return QuotaKey(
        absl::StrCat(flow, " ", name, " ", entry.sender, ">", entry.recipient),
        from);
  };
  std::vector<Failure> failures;
  for (const auto& use : uses) {
    if (!use.most.has_value() ||
        used_[key(use.name, use.from)] + use.amount <= *use.most) {
      continue;
    }
    failures.push_back(
        {Reason::kQuotaExceeded, "",
         absl::StrCat(flows_.places[flow], ".limits"),
         absl::StrCat(use.name, " of ", *use.most, " is used up")});
  }
  if (!failures.empty()) return failures;
  for (const auto& use : uses) used_[key(use.name, use.from)] += use.amount;
  return failures;
}

ReplayedAct Replay::See(const LedgerEntry& entry, absl::string_view caller) {
  ReplayedAct act;
  act.why = WhyNot(entry, caller);
  if (!act.why.empty()) return act;
  const bool was_allowed = entry.outcome == Outcome::kAllow;
  const size_t flow = FlowOf(entry);
  std::vector<std::string> names = entry.fields;
  if (flow < flows_.flows.size()) {
    names = ReleasedBy(flows_.flows[flow]);
    act.lost = Without(entry.fields, names);
    act.gained = Without(names, entry.fields);
    // What was refused must get all that it asked for.
    if (!was_allowed) {
      names.insert(names.end(), act.lost.begin(), act.lost.end());
    }
  }
  Decision decision = Decide(*known_, at_, Ask(entry, caller, names));
  act.failures = std::move(decision.failures);
  if (act.failures.empty() && flow < flows_.flows.size()) {
    act.failures = TakeQuotas(entry, flow);
  }
  const bool is_allowed = act.failures.empty();
  if (was_allowed) {
    act.outcome =
        is_allowed ? ReplayOutcome::kSameAllowed : ReplayOutcome::kNewlyRefused;
  } else {
    act.outcome =
        is_allowed ? ReplayOutcome::kNewlyAllowed : ReplayOutcome::kSameRefused;
  }
  if (!(was_allowed && is_allowed)) {
    act.lost.clear();
    act.gained.clear();
  }
  return act;
}

}  // namespace entente::policy
