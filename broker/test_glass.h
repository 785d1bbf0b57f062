// Two forces whose agreement knows emergencies, for the tests of break-glass.
#ifndef ENTENTE_BROKER_TEST_GLASS_H_
#define ENTENTE_BROKER_TEST_GLASS_H_

#include <string>
#include <vector>

#include "broker/break_glass_service.h"
#include "broker/test_partnership.h"

namespace entente::broker {

// A partnership in force, whose document lists the age and the exact day for
// 30 minutes, with a report in 24 hours.
class TestGlass : public TestPartnership {
 public:
  TestGlass() {
    glass = std::make_unique<BreakGlassService>(context);
    Begin();
  }

  // Registered, with bundles, proposed and signed by both.
  void Begin() {
    RegisterAll();
    document = Document({{"onward:\n",
                          "break_glass: { fields: { crimes: [age, occurred] "
                          "}, minutes: 30, report_hours: 24 }\nonward:\n"}});
    EXPECT_TRUE(Publish(north).ok());
    EXPECT_TRUE(Publish(west).ok());
    const absl::Status proposed = Propose(north, document);
    EXPECT_TRUE(proposed.ok()) << proposed;
    v1::SignAgreementResponse response;
    EXPECT_TRUE(Sign(north, document, &response).ok());
    EXPECT_TRUE(Sign(west, document, &response).ok());
    EXPECT_EQ(response.state(), "active");
  }

  certs::BreakGlassAct GlassAct(certs::GlassActKind kind, const Person& signer,
                                const std::string& grant = "") {
    certs::BreakGlassAct act;
    act.kind = kind;
    act.agreement = "isa-small";
    act.version = 1;
    act.digest = policy::Digest(document);
    act.agency = signer.caller.agency();
    act.words = kind == certs::GlassActKind::kReport
                    ? "The child was found at his aunt's at 14:10."
                    : "A child is missing since noon";
    act.signed_at = clock.Now();
    act.grant = grant;
    if (kind != certs::GlassActKind::kAsk) return act;
    act.flow = "crimes-west";
    act.sender = "north-police";
    act.recipient = "west-police";
    act.purpose = "find-series";
    act.case_reference = "OP-LANTERN/0142";
    act.fields = {"age", "occurred"};
    act.minutes = 30;
    act.nonce = crypto::ToHex(crypto::Sha256(absl::StrCat("n", ++nonces_)));
    return act;
  }

  static std::string GlassDigest(const certs::BreakGlassAct& act) {
    return crypto::ToHex(certs::BreakGlassActDigest(
        crypto::AsBytes(*certs::PrintBreakGlassAct(act))));
  }
  std::string GlassEnvelope(const certs::BreakGlassAct& act,
                            const Person& signer) {
    return Envelope(certs::kBreakGlassActType, *certs::PrintBreakGlassAct(act),
                    signer);
  }

  // What the broker answers to an envelope as if it held an act of `kind`.
  absl::StatusOr<v1::AskBreakGlassResponse> SendGlass(
      certs::GlassActKind kind, const Person& caller,
      const std::string& envelope, const std::string& agreement = "isa-small") {
    v1::AskBreakGlassResponse answer;
    absl::Status done;
    const auto call = [&](auto request, auto response, auto method) {
      request.set_agreement(agreement);
      request.set_envelope(envelope);
      done = ((*glass).*method)(caller.caller, request, &response);
      answer.mutable_notice()->Swap(response.mutable_notice());
      answer.mutable_receipt()->Swap(response.mutable_receipt());
    };
    switch (kind) {
      case certs::GlassActKind::kAsk:
        call(v1::AskBreakGlassRequest(), v1::AskBreakGlassResponse(),
             &BreakGlassService::Ask);
        break;
      case certs::GlassActKind::kApprove:
        call(v1::ApproveBreakGlassRequest(), v1::ApproveBreakGlassResponse(),
             &BreakGlassService::Approve);
        break;
      case certs::GlassActKind::kClose:
        call(v1::CloseBreakGlassRequest(), v1::CloseBreakGlassResponse(),
             &BreakGlassService::Close);
        break;
      case certs::GlassActKind::kReport:
        call(v1::ReportBreakGlassRequest(), v1::ReportBreakGlassResponse(),
             &BreakGlassService::Report);
        break;
    }
    if (!done.ok()) return done;
    return answer;
  }
  absl::StatusOr<v1::AskBreakGlassResponse> DoGlass(
      const certs::BreakGlassAct& act, const Person& signer) {
    return SendGlass(act.kind, signer, GlassEnvelope(act, signer));
  }
  // The state of the grant after `signer` does `kind` on it, or the code of the
  // refusal.
  std::string After(certs::GlassActKind kind, const Person& signer,
                    const std::string& grant) {
    const auto done = DoGlass(GlassAct(kind, signer, grant), signer);
    return done.ok() ? done->notice().state() : ReasonIn(done.status());
  }

  // A grant that north asked for; its id.
  std::string AskFor(bool drill = false) {
    certs::BreakGlassAct act = GlassAct(certs::GlassActKind::kAsk, north);
    act.drill = drill;
    const auto asked = DoGlass(act, north);
    EXPECT_TRUE(asked.ok()) << asked.status();
    return GlassDigest(act);
  }
  // One that west approved as well.
  std::string Grant(bool drill = false) {
    const std::string grant = AskFor(drill);
    EXPECT_EQ(After(certs::GlassActKind::kApprove, west, grant), "open");
    return grant;
  }

  std::vector<v1::BreakGlassNotice> Notices(const Person& reader) {
    const auto got = Get(reader);
    EXPECT_TRUE(got.ok()) << got.status();
    if (!got.ok()) return {};
    return {got->break_glass().begin(), got->break_glass().end()};
  }

  absl::StatusOr<v1::ListBreakGlassResponse> ListGlass(
      const Person& reader, const std::string& grant = "", int page_size = 0,
      const std::string& token = "") {
    v1::ListBreakGlassRequest request;
    request.set_agreement("isa-small");
    const auto bytes = crypto::FromHex(grant);
    if (bytes.ok()) request.set_grant(bytes->data(), bytes->size());
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListBreakGlassResponse response;
    const absl::Status done = glass->List(reader.caller, request, &response);
    if (!done.ok()) return done;
    return response;
  }

  // The last entry of the agreement's ledger, parsed.
  policy::LedgerEntry LastEntry(uint64_t before_it = 0) {
    policy::LedgerEntry entry;
    uint64_t size = 0;
    EXPECT_TRUE(parts.store
                    ->Read([&](Transaction& transaction) -> absl::Status {
                      size = *parts.ledgers->Size(transaction, "isa-small");
                      return absl::OkStatus();
                    })
                    .ok());
    v1::Receipt receipt;
    EXPECT_TRUE(
        receipts
            ->Fill("isa-small", size - 1 - before_it, v1::KnownView(), &receipt)
            .ok());
    const auto parsed = policy::ParseEntry(receipt.entry());
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    return parsed.value_or(entry);
  }

  std::string document;
  std::unique_ptr<BreakGlassService> glass;

 private:
  int nonces_ = 0;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_GLASS_H_
