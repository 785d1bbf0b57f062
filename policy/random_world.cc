#include "policy/random_world.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

using Names = std::vector<std::string>;

const Names kParties = {"city-council", "east-police", "north-police",
                        "west-police"};
const Names kPurposes = {"analysis", "investigation", "safeguarding"};
const Names kDatasets = {"crimes", "persons"};
const Names kFields = {"address", "age", "crime_ref", "name",
                       "notes",   "nhs", "offence",   "pnc"};

template <typename Enum>
std::vector<Enum> All() {
  std::vector<Enum> all;
  for (const auto& [word, value] : AllWords<Enum>()) all.push_back(value);
  return all;
}

Treatment RandomTreatment(Dice* dice, const std::string& field) {
  Treatment treatment;
  const Transform kinds[] = {Transform::kAsIs, Transform::kAsIs,
                             Transform::kWithhold, Transform::kFlag,
                             Transform::kYear};
  treatment.transform = kinds[dice->Roll(std::size(kinds))];
  if ((field == "nhs" || field == "pnc") && dice->Once(2)) {
    treatment.transform = Transform::kPseudonym;
  }
  return treatment;
}

Flow RandomFlow(Dice* dice, const Names& parties, const Names& purposes) {
  Flow flow;
  do {
    flow.from = dice->Some(parties, 1);
    flow.to = dice->Some(parties, 1);
  } while (flow.from.size() == 1 && flow.from == flow.to);
  flow.purposes = dice->Some(purposes, 1);
  flow.dataset = dice->Pick(kDatasets);
  flow.methods = dice->Some(All<Method>(), 1);
  for (const std::string& field : dice->Some(kFields, 1)) {
    flow.release[field] = RandomTreatment(dice, field);
  }
  flow.release["offence"].transform = Transform::kAsIs;
  if (dice->Once(2)) flow.require = dice->Some(All<Requirement>(), 0);
  if (dice->Once(2)) flow.limits.records_per_request = 1 + dice->Roll(100);
  flow.retention.days = 30;
  return flow;
}

bool Overlap(const Flow& a, const Flow& b) {
  if (a.dataset != b.dataset) return false;
  const auto meet = [](const Names& x, const Names& y) {
    const std::set<std::string> in(x.begin(), x.end());
    return std::any_of(y.begin(), y.end(), [&](const std::string& name) {
      return in.count(name) > 0;
    });
  };
  return meet(a.from, b.from) && meet(a.to, b.to) &&
         meet(a.purposes, b.purposes);
}

void Spoil(Dice* dice, Request* request) {
  const Names strangers = {"", "nobody", "x\n"};
  switch (dice->Roll(16)) {
    case 0:
      request->agreement = dice->Once(2) ? "isa-none" : "isa-one";
      break;
    case 1:
      request->version += dice->Once(2) ? 1 : -1;
      break;
    case 2:
      request->caller = dice->Pick(dice->Once(4) ? strangers : kParties);
      break;
    case 3:
      request->sender = dice->Pick(dice->Once(4) ? strangers : kParties);
      break;
    case 4:
      request->recipient = dice->Pick(dice->Once(4) ? strangers : kParties);
      break;
    case 5:
      request->purpose = dice->Pick(dice->Once(4) ? strangers : kPurposes);
      break;
    case 6:
      request->dataset = dice->Pick(dice->Once(4) ? strangers : kDatasets);
      break;
    case 7:
      request->flow = absl::StrCat("flow-", dice->Roll(4));
      break;
    case 8:
      request->flow.clear();
      break;
    case 9:
      request->method = dice->Pick(All<Method>());
      break;
    case 10:
      request->fields.push_back(dice->Pick(kFields));
      break;
    case 11:
      if (!request->fields.empty()) request->fields.pop_back();
      break;
    case 12:
      request->pseudonyms.push_back(
          {dice->Pick(kFields), dice->Once(2) ? "nhs/1" : "pnc/1"});
      break;
    case 13:
      if (!request->carried.empty()) request->carried.pop_back();
      break;
    case 14:
      request->records = int64_t(dice->Roll(200));
      break;
    default:
      std::swap(request->sender, request->recipient);
      request->caller = request->method == Method::kQuery ? request->recipient
                                                          : request->sender;
  }
}

// Gives `child` the flows of `parent`, some of them a little different.
void CopyRoutes(Dice* dice, const Agreement& parent, Agreement* child) {
  child->parties = parent.parties;
  child->purposes = parent.purposes;
  child->flows = parent.flows;
  for (Flow& flow : child->flows) {
    if (dice->Once(2)) flow.require.clear();
    for (auto& [name, treatment] : flow.release) {
      if (name == "offence" || !dice->Once(3)) continue;
      treatment = RandomTreatment(dice, name);
    }
  }
}

}  // namespace

std::vector<AgreementRecord> World::Records() const {
  std::vector<AgreementRecord> records;
  for (const auto& [id, draft] : agreements) {
    AgreementRecord record;
    record.id = id;
    record.suspended_by = draft.suspended_by;
    record.sending_suspended_by = draft.sending_suspended_by;
    record.withdrawn = draft.withdrawn;
    record.terminated = draft.terminated;
    record.quorum_missing = draft.quorum_missing;
    for (const DraftVersion& version : draft.versions) {
      crypto::Hash digest{};
      digest[0] = uint8_t(version.document.version);
      record.versions[version.document.version] = {
          *CompiledAgreement::Create(version.document, digest), version.missing,
          version.activated};
    }
    records.push_back(std::move(record));
  }
  return records;
}

std::shared_ptr<const Register> World::Compile() const {
  return Register::Create(Records());
}

Agreement& World::Document(const std::string& id, int64_t version) {
  return agreements.at(id).versions.at(size_t(version - 1)).document;
}

absl::Time WorldNow() {
  return absl::FromCivil(absl::CivilSecond(2027, 3, 1, 12, 0, 0),
                         absl::UTCTimeZone());
}

Agreement RandomDocument(Dice* dice, const std::string& id, int64_t version) {
  Agreement document;
  document.id = id;
  document.version = version;
  const Names parties = dice->Some(kParties, 2);
  const Names purposes = dice->Some(kPurposes, 1);
  for (const std::string& party : parties) document.parties[party].name = party;
  for (const std::string& purpose : purposes) document.purposes[purpose] = {};
  for (const std::string& name : kDatasets) {
    Dataset& dataset = document.datasets[name];
    for (const std::string& field : kFields) dataset.fields[field] = {};
    dataset.identifiers = {{"nhs", "nhs/1"}, {"pnc", "pnc/1"}};
  }
  const size_t flows = 1 + dice->Roll(4);
  for (size_t tries = 0; tries < 3 * flows; ++tries) {
    Flow flow = RandomFlow(dice, parties, purposes);
    flow.id = absl::StrCat("flow-", document.flows.size());
    if (std::none_of(document.flows.begin(), document.flows.end(),
                     [&](const Flow& other) { return Overlap(flow, other); })) {
      document.flows.push_back(std::move(flow));
    }
    if (document.flows.size() == flows) break;
  }
  const absl::CivilDay today =
      absl::ToCivilDay(WorldNow(), absl::UTCTimeZone());
  document.valid.from = today - int64_t(dice->Roll(200));
  document.valid.until = today + int64_t(1 + dice->Roll(200));
  document.valid.review_by = document.valid.until;
  return document;
}

World RandomWorld(Dice* dice) {
  World world;
  const Names ids = {"isa-one", "isa-three", "isa-two"};
  for (const std::string& id : dice->Some(ids, 1)) {
    DraftAgreement draft;
    const int64_t versions = 1 + int64_t(dice->Once(3));
    for (int64_t v = 1; v <= versions; ++v) {
      DraftVersion version;
      version.document = RandomDocument(dice, id, v);
      Validity& valid = version.document.valid;
      if (dice->Once(12)) {
        version.document.governance.dpia.review_by =
            valid.review_by - int64_t(dice->Roll(200));
      }
      if (dice->Once(12)) valid.review_by = valid.until - 200;
      if (dice->Once(6)) valid.from = valid.from + 200;
      if (dice->Once(6)) valid.until = valid.until - 200;
      if (dice->Once(2)) version.document.witness = Witness::kRequired;
      if (dice->Once(2)) valid.handover_days = int64_t(dice->Roll(91));
      if (dice->Once(2) && id != "isa-two") {
        version.document.under = id == "isa-one" ? "isa-two" : "isa-one";
      }
      version.activated = valid.FromInstant() <= WorldNow() && !dice->Once(8);
      if (!version.activated && dice->Once(2)) version.missing = {"north: a"};
      draft.versions.push_back(std::move(version));
    }
    if (dice->Once(10)) draft.suspended_by = {"north-police"};
    if (dice->Once(6)) draft.sending_suspended_by = {dice->Pick(kParties)};
    if (dice->Once(10)) {
      draft.withdrawn[dice->Pick(kParties)] = int64_t(1 + dice->Roll(2));
    }
    draft.terminated = dice->Once(20);
    draft.quorum_missing = dice->Once(6);
    world.agreements[id] = std::move(draft);
  }
  for (const char* id : {"isa-one", "isa-three"}) {
    const auto draft = world.agreements.find(id);
    if (draft == world.agreements.end() || dice->Once(6)) continue;
    for (DraftVersion& version : draft->second.versions) {
      const auto parent = world.agreements.find(version.document.under);
      if (parent == world.agreements.end()) continue;
      CopyRoutes(dice, parent->second.versions.back().document,
                 &version.document);
    }
  }
  return world;
}

void SetExactFields(const Agreement& document, const Flow& flow,
                    Request* request) {
  request->fields.clear();
  request->pseudonyms.clear();
  for (const auto& [name, treatment] : flow.release) {
    if (treatment.transform == Transform::kWithhold) continue;
    if (treatment.transform == Transform::kPseudonym &&
        request->method != Method::kQuery) {
      request->pseudonyms.push_back(
          {name, document.datasets.at(flow.dataset).identifiers.at(name)});
    } else {
      request->fields.push_back(name);
    }
  }
}

Request FittingRequest(Dice* dice, const Agreement& document,
                       const Flow& flow) {
  Request request;
  request.agreement = document.id;
  request.version = document.version;
  do {
    request.sender = dice->Pick(flow.from);
    request.recipient = dice->Pick(flow.to);
  } while (request.sender == request.recipient);
  request.purpose = dice->Pick(flow.purposes);
  request.dataset = flow.dataset;
  if (dice->Once(2)) request.flow = flow.id;
  request.method = dice->Pick(flow.methods);
  request.caller =
      request.method == Method::kQuery ? request.recipient : request.sender;
  request.carried = flow.require;
  request.records = 1;
  SetExactFields(document, flow, &request);
  if (request.method == Method::kQuery) {
    request.fields = dice->Some(request.fields, 1);
  }
  dice->Shuffle(&request.fields);
  return request;
}

Request RandomRequest(Dice* dice, const World& world) {
  auto agreement = world.agreements.begin();
  std::advance(agreement, dice->Roll(world.agreements.size()));
  const Agreement& document = dice->Pick(agreement->second.versions).document;
  Request request = FittingRequest(dice, document, dice->Pick(document.flows));
  for (size_t spoils = dice->Once(2) ? 0 : dice->Roll(4); spoils > 0;
       --spoils) {
    Spoil(dice, &request);
  }
  return request;
}

}  // namespace entente::policy
