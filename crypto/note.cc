#include "crypto/note.h"

#include <unistr.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "crypto/sha.h"

namespace entente::crypto {
namespace {

constexpr absl::string_view kLineStart = "\xE2\x80\x94 ";  // em dash, space

absl::Status MalformedNote(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("note: ", what));
}

// The code points with the property White_Space.
bool IsSpace(ucs4_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return MalformedNote("a key name is empty");
  const absl::Span<const uint8_t> bytes = AsBytes(name);
  for (size_t at = 0; at < bytes.size();) {
    ucs4_t c;
    const int length = u8_mbtoucr(&c, &bytes[at], bytes.size() - at);
    if (length <= 0) return MalformedNote("a key name is not UTF-8");
    if (c < 0x20 || c == '+' || IsSpace(c)) {
      return MalformedNote(
          "a key name has a space, a control character or '+'");
    }
    at += static_cast<size_t>(length);
  }
  return absl::OkStatus();
}

// What a note as a whole may be made of.
absl::Status CheckCharacters(absl::string_view text) {
  const absl::Span<const uint8_t> bytes = AsBytes(text);
  for (const uint8_t byte : bytes) {
    if (byte < 0x20 && byte != '\n') return MalformedNote("control character");
  }
  if (!bytes.empty() && u8_check(bytes.data(), bytes.size()) != nullptr) {
    return MalformedNote("not UTF-8");
  }
  return absl::OkStatus();
}

absl::Status CheckText(absl::string_view text) {
  if (text.size() > kMaxNoteBytes) return MalformedNote("too long");
  if (!absl::EndsWith(text, "\n")) {
    return MalformedNote("the text does not end in a line feed");
  }
  return CheckCharacters(text);
}

NoteKeyId ComputeId(absl::string_view name, NoteKeyType type,
                    const Ed25519PublicKey& key) {
  const uint8_t type_byte = static_cast<uint8_t>(type);
  const Hash hash = Sha256Hasher()
                        .Update(name)
                        .Update("\n")
                        .Update(absl::MakeConstSpan(&type_byte, 1))
                        .Update(key.bytes())
                        .Finish();
  NoteKeyId id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

// `line` without its line feed.
absl::StatusOr<NoteSignature> ParseSignatureLine(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kLineStart)) {
    return MalformedNote("a signature line does not start with an em dash");
  }
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos) {
    return MalformedNote("a signature line lacks its name or its signature");
  }
  NoteSignature signature;
  signature.name = std::string(line.substr(0, space));
  if (absl::Status named = CheckName(signature.name); !named.ok()) return named;
  const absl::StatusOr<Bytes> blob = FromBase64(line.substr(space + 1));
  if (!blob.ok()) return MalformedNote("a signature is not strict base64");
  if (blob->size() <= signature.id.size()) {
    return MalformedNote("a signature is empty");
  }
  std::copy_n(blob->begin(), signature.id.size(), signature.id.begin());
  signature.signature.assign(blob->begin() + signature.id.size(), blob->end());
  return signature;
}

}  // namespace

NoteKey::NoteKey(std::string name, NoteKeyType type,
                 const Ed25519PublicKey& key)
    : name_(std::move(name)),
      type_(type),
      key_(key),
      id_(ComputeId(name_, type, key)) {}

absl::StatusOr<NoteKey> NoteKey::Create(absl::string_view name,
                                        NoteKeyType type,
                                        const Ed25519PublicKey& key) {
  if (absl::Status named = CheckName(name); !named.ok()) return named;
  return NoteKey(std::string(name), type, key);
}

absl::StatusOr<NoteKey> NoteKey::Parse(absl::string_view vkey) {
  // The base64 may hold '+' itself; a name may not.
  const size_t first = vkey.find('+');
  const size_t second =
      first == absl::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == absl::string_view::npos) {
    return MalformedNote("a verifier key is <name>+<id>+<key>");
  }
  const absl::StatusOr<Bytes> id =
      FromHex(vkey.substr(first + 1, second - first - 1));
  const absl::StatusOr<Bytes> data = FromBase64(vkey.substr(second + 1));
  if (!id.ok() || !data.ok() || data->empty()) {
    return MalformedNote("a verifier key has bad hexadecimal or base64");
  }
  const auto type = static_cast<NoteKeyType>(data->front());
  if (type != NoteKeyType::kEd25519 && type != NoteKeyType::kCosignature) {
    return MalformedNote("a verifier key is of a type that is not built");
  }
  const absl::StatusOr<Ed25519PublicKey> key =
      Ed25519PublicKey::Parse(absl::MakeConstSpan(*data).subspan(1));
  if (!key.ok()) return key.status();
  absl::StatusOr<NoteKey> parsed = Create(vkey.substr(0, first), type, *key);
  if (!parsed.ok()) return parsed;
  if (absl::MakeConstSpan(*id) != absl::MakeConstSpan(parsed->id())) {
    return MalformedNote("a verifier key has the id of another key");
  }
  return parsed;
}

std::string NoteKey::ToString() const {
  Bytes data = {static_cast<uint8_t>(type_)};
  data.insert(data.end(), key_.bytes().begin(), key_.bytes().end());
  return absl::StrCat(name_, "+", ToHex(id_), "+", ToBase64(data));
}

absl::StatusOr<Note> ParseNote(absl::string_view note) {
  if (note.size() > kMaxNoteBytes) return MalformedNote("too long");
  if (absl::Status made = CheckCharacters(note); !made.ok()) return made;
  const size_t empty_line = note.rfind("\n\n");
  if (empty_line == absl::string_view::npos) {
    return MalformedNote("no empty line before the signatures");
  }
  Note parsed;
  parsed.text = std::string(note.substr(0, empty_line + 1));
  absl::string_view rest = note.substr(empty_line + 2);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos) {
      return MalformedNote("the last line does not end in a line feed");
    }
    if (parsed.signatures.size() == kMaxNoteSignatures) {
      return MalformedNote("too many signatures");
    }
    absl::StatusOr<NoteSignature> signature =
        ParseSignatureLine(rest.substr(0, end));
    if (!signature.ok()) return signature.status();
    parsed.signatures.push_back(*std::move(signature));
    rest.remove_prefix(end + 1);
  }
  if (parsed.signatures.empty()) return MalformedNote("no signature");
  return parsed;
}

std::string FormatNoteSignature(const NoteSignature& signature) {
  Bytes blob(signature.id.begin(), signature.id.end());
  blob.insert(blob.end(), signature.signature.begin(),
              signature.signature.end());
  return absl::StrCat(kLineStart, signature.name, " ", ToBase64(blob), "\n");
}

absl::StatusOr<std::string> FormatNote(const Note& note) {
  if (absl::Status text = CheckText(note.text); !text.ok()) return text;
  if (note.signatures.empty()) return MalformedNote("no signature");
  if (note.signatures.size() > kMaxNoteSignatures) {
    return MalformedNote("too many signatures");
  }
  std::string formatted = absl::StrCat(note.text, "\n");
  for (const NoteSignature& signature : note.signatures) {
    if (absl::Status named = CheckName(signature.name); !named.ok()) {
      return named;
    }
    if (signature.signature.empty())
      return MalformedNote("a signature is empty");
    formatted += FormatNoteSignature(signature);
  }
  if (formatted.size() > kMaxNoteBytes) return MalformedNote("too long");
  return formatted;
}

absl::StatusOr<std::string> SignNote(absl::string_view text,
                                     absl::string_view name,
                                     const SigningKey& key) {
  const absl::StatusOr<NoteKey> note_key =
      NoteKey::Create(name, NoteKeyType::kEd25519, key.public_key());
  if (!note_key.ok()) return note_key.status();
  const Signature signature = key.Sign("", AsBytes(text));
  NoteSignature line;
  line.name = note_key->name();
  line.id = note_key->id();
  line.signature.assign(signature.begin(), signature.end());
  return FormatNote({std::string(text), {std::move(line)}});
}

absl::Status VerifyNote(const Note& note, absl::Span<const NoteKey> keys) {
  bool signed_by_known = false;
  for (const NoteSignature& line : note.signatures) {
    for (const NoteKey& key : keys) {
      if (key.type() != NoteKeyType::kEd25519 || !line.ClaimsToBeBy(key)) {
        continue;
      }
      const absl::StatusOr<Signature> signature =
          ParseSignature(line.signature);
      if (!signature.ok() ||
          !key.key().Verify("", AsBytes(note.text), *signature).ok()) {
        return absl::DataLossError(
            absl::StrCat("note: the signature of ", key.name(), " is wrong"));
      }
      signed_by_known = true;
    }
  }
  if (signed_by_known) return absl::OkStatus();
  return absl::NotFoundError("note: not signed by a known key");
}

}  // namespace entente::crypto
