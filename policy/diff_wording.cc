#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/encoding.h"
#include "crypto/hex.h"
#include "policy/clause_words.h"
#include "policy/diff_parts.h"

namespace entente::policy {
namespace {

// By the path in the document: what people call it, and what it says.
struct Said {
  std::string label;
  std::string text;
};
using Wording = std::map<std::string, Said>;

// A statement on which nothing in the machine's answer rests.
void Say(Wording* wording, std::string path, std::string label,
         std::string text) {
  if (text.empty()) return;
  Said& said = (*wording)[std::move(path)];
  said.label = std::move(label);
  absl::StrAppend(&said.text, said.text.empty() ? "" : " / ", text);
}

void SayAgencies(const Agreement& agreement, Wording* wording) {
  for (const auto& [id, party] : agreement.parties) {
    const std::string path = absl::StrCat("parties.", id);
    Say(wording, path + ".name", "The name of " + id, party.name);
    Say(wording, path + ".capacity", "The capacity of " + id,
        std::string(WordOf(party.capacity)));
    Say(wording, path + ".regime", "The law that applies to " + id,
        std::string(WordOf(party.regime)));
    Say(wording, path + ".contact", "The contact of " + id, party.contact);
    Say(wording, path + ".root", "The root key of " + id, party.root);
  }
  for (const auto& [id, overseer] : agreement.overseers) {
    const std::string path = absl::StrCat("overseers.", id);
    Say(wording, path + ".name", "The name of " + id, overseer.name);
    Say(wording, path + ".contact", "The contact of " + id, overseer.contact);
    Say(wording, path + ".root", "The root key of " + id, overseer.root);
  }
  for (const Signatory& line : agreement.signatories) {
    Say(wording, absl::StrCat("signatories ", line.party, ": ", line.role),
        absl::StrCat("The signature of ", line.party, ": ", line.role),
        absl::StrCat("with the certificate ", line.name));
  }
}

void SayWitnesses(const Agreement& agreement, Wording* wording) {
  if (!agreement.witnesses.has_value()) return;
  const Witnesses& witnesses = *agreement.witnesses;
  Say(wording, "witnesses.quorum", "How many witnesses are enough",
      absl::StrCat(witnesses.quorum));
  Say(wording, "witnesses.missing_minutes",
      "How long an entry may be without them",
      absl::StrCat(witnesses.missing_minutes, " minutes"));
  for (const auto& [name, witness] : witnesses.named) {
    const std::string path = absl::StrCat("witnesses.named.", name);
    Say(wording, path + ".key", "The key of the witness " + name, witness.key);
    Say(wording, path + ".url", "The address of the witness " + name,
        witness.url);
  }
}

void SayLaw(const Agreement& agreement, Wording* wording) {
  for (const auto& [id, purpose] : agreement.purposes) {
    Say(wording, absl::StrCat("purposes.", id, ".text"), "The purpose " + id,
        purpose.text);
    Say(wording, absl::StrCat("purposes.", id, ".regime"),
        "The law of the purpose " + id, std::string(WordOf(purpose.regime)));
  }
  for (const LawfulBasis& basis : agreement.lawful_basis) {
    for (const std::string& party : basis.parties) {
      for (const std::string& purpose : basis.purposes) {
        std::vector<std::string> lines;
        const auto add = [&](absl::string_view what,
                             const std::vector<std::string>& texts) {
          for (const std::string& text : texts) {
            lines.push_back(absl::StrCat(what, ": ", text));
          }
        };
        add("power", basis.gateway);
        add("processing", basis.processing);
        add("sensitive", basis.sensitive);
        add("criminal offence", basis.criminal_offence);
        if (!basis.policy_document.empty()) {
          add("policy document", {basis.policy_document});
        }
        Say(wording, absl::StrCat("lawful_basis ", party, " ", purpose),
            absl::StrCat("The lawful basis of ", party, " for ", purpose),
            absl::StrJoin(lines, "; "));
      }
    }
  }
}

void SayData(const Agreement& agreement, Wording* wording) {
  const auto yes = [](bool is) { return std::string(is ? "yes" : "no"); };
  for (const auto& [id, dataset] : agreement.datasets) {
    const std::string path = absl::StrCat("datasets.", id);
    const std::string of = " of the data set " + id;
    Say(wording, path + ".title", "The title" + of, dataset.title);
    Say(wording, path + ".definition", "The definition" + of,
        dataset.definition);
    Say(wording, path + ".criminal_offence", "Criminal offence data" + of,
        yes(dataset.criminal_offence));
    Say(wording, path + ".special_category", "Special category data" + of,
        yes(dataset.special_category));
    Say(wording, path + ".children", "Children" + of,
        std::string(WordOf(dataset.children)));
  }
}

// By the ways, not by the flows: a flow that is cut in two says the same.
void SayRecipients(const Agreement& agreement, Wording* wording) {
  for (const Flow& flow : agreement.flows) {
    std::vector<std::string> recipients = flow.recipients;
    std::sort(recipients.begin(), recipients.end());
    const std::string text = absl::StrJoin(recipients, "; ");
    for (const std::string& from : flow.from) {
      for (const std::string& to : flow.to) {
        if (from == to) continue;
        for (const std::string& purpose : flow.purposes) {
          Say(wording,
              absl::StrCat("recipients ", from, " ", to, " ", purpose, " ",
                           flow.dataset),
              absl::StrCat("Who at ", to, " may see ", flow.dataset, " from ",
                           from, " for ", purpose),
              text);
        }
      }
    }
  }
}

void SayHandling(const Handling& handling, Wording* wording) {
  Say(wording, "handling.marking", "The marking", handling.marking);
  Say(wording, "handling.accuracy", "Accuracy", handling.accuracy);
  Say(wording, "handling.staff", "Staff", handling.staff);
  Say(wording, "handling.setting", "The setting", handling.setting);
  Say(wording, "handling.publication", "Publication", handling.publication);
  if (handling.minimum_cell > 0) {
    Say(wording, "handling.minimum_cell",
        "The fewest people that a figure stands for",
        absl::StrCat(handling.minimum_cell));
  }
  for (const std::string& forbidden : handling.forbidden) {
    Say(wording, "handling.forbidden " + forbidden, "Forbidden: " + forbidden,
        "yes");
  }
}

void SayAssessment(const std::string& path, const std::string& label,
                   const Assessment& assessment, Wording* wording) {
  Say(wording, path + ".ref", "The " + label, assessment.ref);
  Say(wording, path + ".date", "The day of the " + label,
      DayInWords(assessment.date));
}

void SayGovernance(const Agreement& agreement, Wording* wording) {
  const Governance& governance = agreement.governance;
  Say(wording, "governance.owner", "The owner", governance.owner);
  Say(wording, "governance.arrangement", "The arrangement",
      governance.arrangement);
  SayAssessment("governance.dpia", "impact assessment (DPIA)", governance.dpia,
                wording);
  if (governance.ethics.has_value()) {
    SayAssessment("governance.ethics", "ethics approval", *governance.ethics,
                  wording);
  }
  Say(wording, "governance.suspend", "Who may suspend it",
      std::string(WordOf(governance.suspend)));
  Say(wording, "governance.justification",
      "The justification of a request that brings none",
      governance.justification == JustificationRule::kFilled
          ? "filled in from purpose and case reference"
          : "none");
  Say(wording, "governance.notice_days", "Notice of leaving",
      absl::StrCat(governance.notice_days, " days"));
  Say(wording, "governance.breach_notice_hours", "Notice of a breach",
      absl::StrCat(governance.breach_notice_hours, " hours"));
  Say(wording, "governance.publish", "What is published",
      std::string(WordOf(governance.publish)));
}

Wording WordingOf(const Agreement& agreement) {
  Wording wording;
  Say(&wording, "id", "The agreement", agreement.id);
  Say(&wording, "kind", "The kind", std::string(WordOf(agreement.kind)));
  Say(&wording, "title", "The title", agreement.title);
  Say(&wording, "summary", "The summary", agreement.summary);
  Say(&wording, "broker.name", "The broker", agreement.broker.name);
  Say(&wording, "broker.ledger_key", "The key of the ledger",
      crypto::ToBase64(crypto::AsBytes(agreement.broker.ledger_key)));
  Say(&wording, "witness", "Witnesses of the ledger",
      std::string(WordOf(agreement.witness)));
  SayWitnesses(agreement, &wording);
  SayAgencies(agreement, &wording);
  SayLaw(agreement, &wording);
  SayData(agreement, &wording);
  SayRecipients(agreement, &wording);
  SayHandling(agreement.handling, &wording);
  SayGovernance(agreement, &wording);
  return wording;
}

void AddChange(const std::string& path, const Said* then, const Said* now,
               std::vector<Change>* changes) {
  Change change{ChangeKind::kChanged, Clause::kWording, path,
                then == nullptr ? "" : then->text,
                now == nullptr ? "" : now->text};
  const std::string& label = now == nullptr ? then->label : now->label;
  change.sentence =
      now == nullptr
          ? absl::StrCat(label, " is no longer there; before: ", then->text)
          : absl::StrCat(
                label, " is now: ", now->text,
                then == nullptr ? "" : absl::StrCat("; before: ", then->text));
  if (change.sentence.back() != '.') change.sentence += ".";
  changes->push_back(std::move(change));
}

}  // namespace

void DiffWording(const Agreement& before, const Agreement& after,
                 std::vector<Change>* changes) {
  const Wording then = WordingOf(before);
  const Wording now = WordingOf(after);
  for (const auto& [path, said] : now) {
    const auto found = then.find(path);
    if (found == then.end()) {
      AddChange(path, nullptr, &said, changes);
    } else if (found->second.text != said.text) {
      AddChange(path, &found->second, &said, changes);
    }
  }
  for (const auto& [path, said] : then) {
    if (now.count(path) == 0) AddChange(path, &said, nullptr, changes);
  }
}

}  // namespace entente::policy
