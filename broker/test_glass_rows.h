// Steps of break-glass grants as the store has them, for tests.
#ifndef ENTENTE_BROKER_TEST_GLASS_ROWS_H_
#define ENTENTE_BROKER_TEST_GLASS_ROWS_H_

#include <string>

#include "broker/store/glass_table.h"
#include "certs/break_glass_act.h"
#include "crypto/dsse.h"
#include "crypto/hex.h"

namespace entente::broker {

// An act that asks for what policy::GlassDocument lists.
inline certs::BreakGlassAct SmallAsk(absl::Time at) {
  certs::BreakGlassAct act;
  act.agreement = "isa-small";
  act.version = 1;
  act.digest = std::string(64, 'a');
  act.agency = "north-police";
  act.words = "A child is missing since noon";
  act.signed_at = at;
  act.flow = "crimes-west";
  act.sender = "north-police";
  act.recipient = "west-police";
  act.purpose = "find-series";
  act.case_reference = "OP-LANTERN/0142";
  act.fields = {"age", "occurred"};
  act.minutes = 30;
  act.nonce = std::string(64, 'c');
  return act;
}

// The row of `act`, whose signature nobody looks at.
inline GlassRow AskedRow(const certs::BreakGlassAct& act) {
  const std::string payload = *certs::PrintBreakGlassAct(act);
  crypto::Envelope envelope;
  envelope.payload_type = std::string(certs::kBreakGlassActType);
  envelope.payload.assign(payload.begin(), payload.end());
  envelope.signatures.push_back({"", crypto::Bytes(64, 1), ""});
  const std::string text = crypto::PrintEnvelope(envelope);
  const crypto::Hash digest =
      certs::BreakGlassActDigest(crypto::AsBytes(payload));
  GlassRow row;
  row.agreement = act.agreement;
  row.grant.assign(digest.begin(), digest.end());
  row.step = GlassStep::kAsked;
  row.digest = row.grant;
  row.agency = act.agency;
  row.actor = "spiffe://test/agency/" + act.agency + "/signatory/chief";
  row.envelope.assign(text.begin(), text.end());
  row.at = act.signed_at;
  return row;
}

// A later step of the same grant, by the other party if it is signed.
inline GlassRow StepRow(const GlassRow& asked, GlassStep step, absl::Time at) {
  GlassRow row = asked;
  row.step = step;
  row.at = at;
  row.agency = "west-police";
  row.digest.assign(32, static_cast<uint8_t>(step));
  return row;
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_GLASS_ROWS_H_
