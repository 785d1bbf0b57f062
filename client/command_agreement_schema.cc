#include "client/command_agreement_schema.h"

#include "policy/json_schema.h"

namespace entente::client {
namespace {

// The schema is JSON already, whatever form was asked for.
absl::Status PrintSchema(Session& session) {
  session.out().PrintText(policy::SharingAgreementSchema());
  return absl::OkStatus();
}

}  // namespace

void RegisterAgreementSchema(Command& agreement) {
  agreement
      .Sub("schema",
           "The JSON Schema of agreements, for editors: completion, help, and "
           "mistakes underlined; `agreement check` finds more",
           "entente agreement schema > sharing-agreement.schema.json")
      .Does(Effect::kReads, Prints::kOne, PrintSchema);
}

}  // namespace entente::client
