// One small agreement with one route, and requests about it.
#ifndef ENTENTE_POLICY_TEST_ROUTE_H_
#define ENTENTE_POLICY_TEST_ROUTE_H_

#include <string>
#include <utility>
#include <vector>

#include "policy/decide.h"

namespace entente::policy {

inline absl::Time At(int64_t year, int month, int day, int hour = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour),
                         absl::UTCTimeZone());
}

inline const absl::Time kNow = At(2027, 3, 1, 12);

// North sends crimes to west for analysis, one field as a pseudonym.
inline Agreement Document() {
  Agreement document;
  document.id = "isa-north-west";
  document.version = 1;
  for (const char* id : {"east", "north", "west"}) document.parties[id] = {};
  document.purposes["analysis"] = {};
  document.purposes["investigation"] = {};
  document.datasets["crimes"].identifiers = {{"person", "pnc/1"}};
  document.datasets["persons"] = {};
  Flow flow;
  flow.id = "crimes-for-analysis";
  flow.from = {"north", "west"};
  flow.to = {"west"};
  flow.purposes = {"analysis"};
  flow.dataset = "crimes";
  flow.methods = {Method::kPush, Method::kQuery};
  flow.release["offence"].transform = Transform::kAsIs;
  flow.release["person"].transform = Transform::kPseudonym;
  flow.release["victim"].transform = Transform::kWithhold;
  flow.require = {Requirement::kCaseReference};
  flow.limits.records_per_request = 100;
  document.flows.push_back(flow);
  document.valid.from = absl::CivilDay(2027, 1, 1);
  document.valid.until = absl::CivilDay(2028, 1, 1);
  document.valid.review_by = document.valid.until;
  return document;
}

inline Request Push() {
  Request request;
  request.agreement = "isa-north-west";
  request.version = 1;
  request.caller = "north";
  request.sender = "north";
  request.recipient = "west";
  request.purpose = "analysis";
  request.dataset = "crimes";
  request.flow = "crimes-for-analysis";
  request.fields = {"offence"};
  request.pseudonyms = {{"person", "pnc/1"}};
  request.carried = {Requirement::kCaseReference};
  request.records = 100;
  return request;
}

inline VersionRecord Signed(Agreement document) {
  return {*CompiledAgreement::Create(std::move(document), {}), {}, true};
}

inline AgreementRecord Record(Agreement document) {
  AgreementRecord record;
  record.id = document.id;
  record.versions[document.version] = Signed(document);
  return record;
}

inline Decision DecideOn(std::vector<AgreementRecord> records,
                         const Request& request, absl::Time now = kNow) {
  return Decide(*Register::Create(std::move(records)), now, request);
}

inline std::vector<std::string> Lines(const Decision& decision) {
  std::vector<std::string> lines;
  for (const Failure& failure : decision.failures) {
    lines.push_back(failure.Code() + " | " + failure.clause + " | " +
                    failure.detail);
  }
  return lines;
}

// The same route under another name.
inline Agreement Tier() {
  Agreement tier = Document();
  tier.id = "isa-tier";
  tier.flows[0].id = "tier-flow";
  return tier;
}

// The first, under the second.
inline Agreement Under() {
  Agreement document = Document();
  document.under = "isa-tier";
  return document;
}

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEST_ROUTE_H_
