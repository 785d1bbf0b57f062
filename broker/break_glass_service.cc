#include "broker/break_glass_service.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

using certs::GlassActKind;
using policy::EntryKind;
using policy::Reason;

EntryKind EntryOfGlass(GlassActKind kind) {
  switch (kind) {
    case GlassActKind::kAsk:
      return EntryKind::kBreakGlassAsked;
    case GlassActKind::kApprove:
      return EntryKind::kBreakGlassApproved;
    case GlassActKind::kClose:
      return EntryKind::kBreakGlassEnded;
    case GlassActKind::kReport:
      break;
  }
  return EntryKind::kBreakGlassReported;
}

// What of an act its entry says, also if it is refused.
void DescribeGlassAct(const certs::SignedBreakGlassAct& signed_act,
                      policy::LedgerEntry* entry) {
  const certs::BreakGlassAct& act = signed_act.act;
  entry->version = act.version;
  entry->digest = act.digest;
  entry->subject = signed_act.digest;
  entry->detail["act"] = std::string(certs::GlassActName(act.kind));
  entry->detail["agency"] = act.agency;
  if (!act.words.empty()) {
    entry->detail[act.kind == GlassActKind::kReport ? "report" : "reason"] =
        act.words;
  }
  const bool asks = act.kind == GlassActKind::kAsk;
  entry->detail["break_glass"] = asks ? signed_act.digest : act.grant;
  if (!asks) return;
  entry->flow = act.flow;
  entry->purpose = act.purpose;
  entry->sender = act.sender;
  entry->recipient = act.recipient;
  entry->fields = act.fields;
  entry->accompanying["case_reference"] = act.case_reference;
  entry->detail["minutes"] = absl::StrCat(act.minutes);
  entry->detail["mode"] = act.drill ? "drill" : "release";
}

}  // namespace

absl::Status BreakGlassService::Refused(const Caller& caller,
                                        policy::LedgerEntry entry,
                                        const absl::Status& refusal) const {
  if (ConditionsOf(refusal).empty()) return refusal;
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord* record = snapshot->Find(entry.agreement);
  return context_.recorder->Refused(MayRead(record, caller.agency())
                                        ? absl::string_view(record->id)
                                        : kBrokerLedger,
                                    std::move(entry), refusal);
}

absl::Status BreakGlassService::Act(const Caller& caller, const std::string& id,
                                    absl::string_view envelope,
                                    GlassActKind kind,
                                    v1::BreakGlassNotice* notice,
                                    v1::Receipt* receipt) {
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryOfGlass(kind), caller);
  entry.agreement = id;
  const auto snapshot = context_.agreements->Get();
  const policy::AgreementRecord* record = snapshot->Find(id);
  if (!MayRead(record, caller.agency())) {
    return Refused(caller, std::move(entry), Refuse(Reason::kNoAgreement, ""));
  }
  const auto told =
      ReadAct(caller, *record, envelope, kind, context_.clock->Now());
  if (!told.ok()) return Refused(caller, std::move(entry), told.status());
  DescribeGlassAct(told->signed_act, &entry);
  absl::optional<uint64_t> earlier;
  const auto written = context_.recorder->Run([&](Transaction& transaction) {
    return Write(transaction, caller, *told, envelope, entry, &earlier);
  });
  if (!written.ok()) {
    return Refused(caller, std::move(entry), written.status());
  }
  const std::string grant = crypto::ToHex(told->grant);
  if (absl::Status loaded = ReloadGrant(context_, id, grant); !loaded.ok()) {
    return loaded;
  }
  const absl::Status noticed =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto state = ReadGrant(transaction, *snapshot, id, told->grant);
        if (!state.ok()) return state.status();
        FillNotice(*state, context_.clock->Now(), notice);
        return absl::OkStatus();
      });
  if (!noticed.ok()) return noticed;
  if (written->empty()) {
    if (!earlier.has_value()) return absl::DataLossError("an act has no entry");
    return context_.receipts->Fill(id, *earlier, v1::KnownView(), receipt);
  }
  return context_.receipts->Fill(written->front(), v1::KnownView(), receipt);
}

absl::Status BreakGlassService::Ask(const Caller& caller,
                                    const v1::AskBreakGlassRequest& request,
                                    v1::AskBreakGlassResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             GlassActKind::kAsk, response->mutable_notice(),
             response->mutable_receipt());
}

absl::Status BreakGlassService::Approve(
    const Caller& caller, const v1::ApproveBreakGlassRequest& request,
    v1::ApproveBreakGlassResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             GlassActKind::kApprove, response->mutable_notice(),
             response->mutable_receipt());
}

absl::Status BreakGlassService::Close(const Caller& caller,
                                      const v1::CloseBreakGlassRequest& request,
                                      v1::CloseBreakGlassResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             GlassActKind::kClose, response->mutable_notice(),
             response->mutable_receipt());
}

absl::Status BreakGlassService::Report(
    const Caller& caller, const v1::ReportBreakGlassRequest& request,
    v1::ReportBreakGlassResponse* response) {
  return Act(caller, request.agreement(), request.envelope(),
             GlassActKind::kReport, response->mutable_notice(),
             response->mutable_receipt());
}

absl::Status BreakGlassService::FillGrant(const std::vector<GlassRow>& rows,
                                          v1::ServedGrant* served) const {
  const auto state = GrantOf(rows, *context_.agreements->Get());
  if (!state.ok()) return state.status();
  FillNotice(*state, context_.clock->Now(), served->mutable_notice());
  for (const GlassRow& row : rows) {
    if (!row.entry.has_value()) {
      return absl::DataLossError("a break-glass act has no entry");
    }
    v1::Receipt* receipt = nullptr;
    if (row.envelope.empty()) {
      receipt = served->add_entries();
    } else {
      v1::GrantAct* act = served->add_acts();
      act->set_envelope(row.envelope.data(), row.envelope.size());
      receipt = act->mutable_receipt();
    }
    const absl::Status filled = context_.receipts->Fill(
        row.agreement, *row.entry, v1::KnownView(), receipt);
    if (!filled.ok()) return filled;
  }
  return absl::OkStatus();
}

absl::Status BreakGlassService::List(const Caller& caller,
                                     const v1::ListBreakGlassRequest& request,
                                     v1::ListBreakGlassResponse* response) {
  const auto snapshot = context_.agreements->Get();
  if (!MayRead(snapshot->Find(request.agreement()), caller.agency())) {
    policy::LedgerEntry entry =
        context_.recorder->Allowed(EntryKind::kRefusedCall, caller);
    entry.agreement = request.agreement();
    return Refused(caller, std::move(entry), Refuse(Reason::kNoAgreement, ""));
  }
  int64_t before = std::numeric_limits<int64_t>::max();
  if (request.page_size() < 0 ||
      (!request.page_token().empty() &&
       !absl::SimpleAtoi(request.page_token(), &before))) {
    return Refuse(Reason::kBadRequest,
                  "page_size or page_token is no number of a page");
  }
  const int limit = request.page_size() == 0
                        ? kDefaultGrantsPage
                        : std::min(request.page_size(), kMaxGrantsPage);
  std::vector<std::vector<GlassRow>> grants;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        GlassTable table(transaction);
        if (!request.grant().empty()) {
          auto rows = table.OfGrant(request.agreement(),
                                    crypto::AsBytes(request.grant()));
          if (!rows.ok()) return rows.status();
          if (rows->empty()) return Refuse(Reason::kGrantUnknown, "");
          grants.push_back(*std::move(rows));
          return absl::OkStatus();
        }
        auto asked = table.Asked(request.agreement(), before, limit + 1);
        if (!asked.ok()) return asked.status();
        if (asked->size() > static_cast<size_t>(limit)) {
          asked->pop_back();
          response->set_next_page_token(absl::StrCat(asked->back().sequence));
        }
        for (const GlassRow& row : *asked) {
          auto rows = table.OfGrant(row.agreement, row.grant);
          if (!rows.ok()) return rows.status();
          grants.push_back(*std::move(rows));
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  for (const std::vector<GlassRow>& rows : grants) {
    if (absl::Status filled = FillGrant(rows, response->add_grants());
        !filled.ok()) {
      return filled;
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::broker
