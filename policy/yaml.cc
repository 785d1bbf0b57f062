#include "policy/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
// Only for the lint: parser.h declares a Node that it does not define.
#include <yaml-cpp/node/node.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "policy/yaml_source.h"

namespace entente::policy {
namespace {

// Builds the tree from yaml-cpp's events and refuses, with their places, the
// features that its Node interface would hide.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const YamlSource& source, std::vector<Diagnostic>* diagnostics)
      : source_(source), diagnostics_(*diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) Error(mark, "a second document", "one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckProperties(mark, "", anchor);
    const bool at_key = AtKey();
    Node node =
        NodeAt(mark, at_key ? Node::Kind::kScalar : Node::Kind::kNothing);
    if (at_key) {
      Error(mark, "a key that is empty or null", "quote it if it is meant");
    } else {
      // The mark of a value that is not there is the next thing's.
      if (!frames_.empty() && frames_.back().has_key) {
        node.line = frames_.back().key.line;
        node.column = frames_.back().key.column;
      }
      diagnostics_.push_back({Diagnostic::Severity::kError, node.line,
                              node.column, "", kNoValue, kAnyValue});
    }
    Add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Error(mark, "an alias", "write the value out");
    Add(NodeAt(mark, Node::Kind::kScalar));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    CheckProperties(mark, tag, anchor);
    Node node = NodeAt(mark, Node::Kind::kScalar);
    node.text = value;
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Node::Kind::kSequence);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Node::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

  int documents() const { return documents_; }
  Node TakeRoot() { return std::move(root_); }

 private:
  // A map or sequence being read. In a map, `key` waits for its value.
  struct Frame {
    Node node;
    bool has_key = false;
    Entry key;
    absl::flat_hash_set<std::string> keys;
  };

  void Error(const YAML::Mark& mark, absl::string_view message,
             absl::string_view allowed) {
    const Position at = source_.PositionOf(mark.line, mark.column);
    diagnostics_.push_back({Diagnostic::Severity::kError, at.line, at.column,
                            "", std::string(message), std::string(allowed)});
  }

  Node NodeAt(const YAML::Mark& mark, Node::Kind kind) const {
    const Position at = source_.PositionOf(mark.line, mark.column);
    Node node;
    node.kind = kind;
    node.line = at.line;
    node.column = at.column;
    return node;
  }

  bool AtKey() const {
    return !frames_.empty() && frames_.back().node.kind == Node::Kind::kMap &&
           !frames_.back().has_key;
  }

  // yaml-cpp gives "?" for a plain scalar and "!" for a quoted one, but also
  // for the written tag "!": what the text holds there decides.
  void CheckProperties(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
    const char first = source_.At(mark.line, mark.column);
    const bool tagged = !tag.empty() && tag != "?" && tag != "!";
    if (tagged || first == '!') {
      Error(mark, "a tag", "no tags: the schema says what a value is");
    }
    if (anchor != 0 || first == '&') {
      Error(mark, "an anchor", "write the value out where it is used");
    }
  }

  void Open(const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor, Node::Kind kind) {
    CheckProperties(mark, tag, anchor);
    if (AtKey()) Error(mark, "a key that is a list or a map", "a word");
    if (frames_.size() == kMaxDocumentLevels) {
      Error(mark, "nested too deep",
            absl::StrCat("at most ", kMaxDocumentLevels, " levels"));
    }
    Frame frame;
    frame.node = NodeAt(mark, kind);
    frames_.push_back(std::move(frame));
  }

  void Close() {
    Node node = std::move(frames_.back().node);
    frames_.pop_back();
    Add(std::move(node));
  }

  void Add(Node node) {
    if (frames_.empty()) {
      if (documents_ == 1) root_ = std::move(node);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == Node::Kind::kSequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      frame.has_key = true;
      frame.key = Entry{node.text, node.line, node.column, Node()};
    } else {
      AddEntry(&frame, std::move(node));
    }
  }

  void AddEntry(Frame* frame, Node value) {
    frame->has_key = false;
    Entry& entry = frame->key;
    Diagnostic error;
    error.line = entry.line;
    error.column = entry.column;
    if (entry.key == "<<") {
      error.message = "a merge key";
      error.allowed = "write the lines out";
      diagnostics_.push_back(std::move(error));
    } else if (!frame->keys.insert(entry.key).second) {
      error.message = absl::StrCat("the key \"", entry.key, "\" is here twice");
      error.allowed = "one line for a key";
      diagnostics_.push_back(std::move(error));
    } else {
      entry.value = std::move(value);
      frame->node.entries.push_back(std::move(entry));
    }
  }

  const YamlSource& source_;
  std::vector<Diagnostic>& diagnostics_;
  int documents_ = 0;
  std::vector<Frame> frames_;
  Node root_;
};

Diagnostic SyntaxError(const YamlSource& source, const YAML::Mark& mark,
                       absl::string_view message) {
  Diagnostic error;
  const Position at = mark.is_null()
                          ? Position{1, 1}
                          : source.PositionOf(mark.line, mark.column);
  error.line = at.line;
  error.column = at.column;
  error.message = absl::StrCat("not YAML: ", message);
  return error;
}

// True unless there is a syntax error, which is reported.
bool Build(absl::string_view text, const YamlSource& source,
           TreeBuilder* builder, std::vector<Diagnostic>* diagnostics) {
  try {
    // Given a line end, yaml-cpp closes a quote that the text leaves open.
    std::istringstream stream{
        std::string(absl::StripTrailingAsciiWhitespace(text))};
    YAML::Parser parser(stream);
    while (builder->documents() < 2 && parser.HandleNextDocument(*builder)) {
    }
    return true;
  } catch (const YAML::Exception& e) {
    diagnostics->push_back(SyntaxError(source, e.mark, e.msg));
  } catch (const std::exception& e) {
    diagnostics->push_back(
        SyntaxError(source, YAML::Mark::null_mark(), e.what()));
  }
  return false;
}

}  // namespace

std::optional<Node> ReadYaml(absl::string_view text,
                             std::vector<Diagnostic>* diagnostics) {
  Diagnostic error{Diagnostic::Severity::kError, 1, 1, "", "", ""};
  if (text.size() > kMaxDocumentBytes) {
    error.message = "the document is too large";
    error.allowed = absl::StrCat("at most ", kMaxDocumentBytes, " bytes");
    diagnostics->push_back(std::move(error));
    return std::nullopt;
  }
  const YamlSource source(text);
  const size_t before = diagnostics->size();
  source.CheckLines(diagnostics);
  // yaml-cpp guesses an encoding from the first bytes; only clean UTF-8 may
  // reach it.
  if (diagnostics->size() > before) return std::nullopt;
  TreeBuilder builder(source, diagnostics);
  if (!Build(text, source, &builder, diagnostics)) return std::nullopt;
  if (builder.documents() == 0) {
    error.message = "the document is empty";
    diagnostics->push_back(std::move(error));
    return std::nullopt;
  }
  return builder.TakeRoot();
}

}  // namespace entente::policy
