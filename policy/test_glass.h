// A document with break-glass, and a grant under it, for tests.
#ifndef ENTENTE_POLICY_TEST_GLASS_H_
#define ENTENTE_POLICY_TEST_GLASS_H_

#include <string>

#include "policy/break_glass.h"
#include "policy/test_document.h"

namespace entente::policy {

// SmallDocument, in which an emergency may show the age and the exact day.
inline std::string GlassDocument() {
  return SmallWith("onward:\n",
                   "break_glass: { fields: { crimes: [age, occurred] }, "
                   "minutes: 30, report_hours: 24 }\nonward:\n");
}

// A grant of it, approved at `from` for half an hour.
inline Grant GlassGrant(absl::Time from) {
  Grant grant;
  grant.id = std::string(64, 'a');
  grant.agreement = "isa-small";
  grant.version = 1;
  grant.flow = "crimes-west";
  grant.sender = "north-police";
  grant.recipient = "west-police";
  grant.purpose = "find-series";
  grant.case_reference = "OP-LANTERN/0142";
  grant.fields = {"age", "occurred"};
  grant.from = from;
  grant.until = from + absl::Minutes(30);
  return grant;
}

// What that grant is for.
inline Request GlassRequest() {
  Request request;
  request.agreement = "isa-small";
  request.version = 1;
  request.caller = "north-police";
  request.sender = "north-police";
  request.recipient = "west-police";
  request.purpose = "find-series";
  request.dataset = "crimes";
  request.flow = "crimes-west";
  request.fields = {"age", "name", "occurred", "offence"};
  request.pseudonyms = {{"person", "opaque/1:custody"}};
  request.carried = {Requirement::kCaseReference};
  request.records = 1;
  return request;
}

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEST_GLASS_H_
