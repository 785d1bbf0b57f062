// foreign_check verifies ledgers with Go's own transparency log code, which
// nobody here wrote: golang.org/x/mod/sumdb, as Debian packages it.
//
//	foreign_check mirror DIR-OR-URL VKEY
//	foreign_check proof PROOF ENTRY VKEY
//
// It prints one line and ends with 0 if all holds; otherwise it says what does
// not and ends with 1. It knows the formats of c2sp.org (signed notes,
// checkpoints, tiles, proofs) and nothing of what an entry says.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// openCheckpoint verifies a signed checkpoint under the log's key alone.
func openCheckpoint(message []byte, vkey string) (string, tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return "", tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return "", tlog.Tree{}, errors.New("checkpoint: not three lines")
	}
	if lines[0] != verifier.Name() {
		return "", tlog.Tree{}, errors.New("checkpoint: of another origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", tlog.Tree{}, errors.New("checkpoint: no size")
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return "", tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	return lines[0], tlog.Tree{N: size, Hash: root}, nil
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	decoded, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(decoded) != len(hash) {
		return hash, fmt.Errorf("no hash: %q", text)
	}
	copy(hash[:], decoded)
	return hash, nil
}

// place is the end of a tile's path, as c2sp.org/tlog-tiles has it.
func place(index int64, width int) string {
	text := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		text = fmt.Sprintf("x%03d/%s", index%1000, text)
	}
	if width != tileWidth {
		text += fmt.Sprintf(".p/%d", width)
	}
	return text
}

func tilePath(tile tlog.Tile) string {
	return fmt.Sprintf("tile/%d/%s", tile.L, place(tile.N, tile.W))
}

// mirror reads tiles from a folder, or over HTTP, for tlog.TileHashReader, which
// believes nothing of them that does not lead to the root.
type mirror string

// read gives the file that the layout calls path; over HTTP it must have the
// content type that c2sp.org/tlog-tiles wants.
func (m mirror) read(path string) ([]byte, error) {
	if !strings.HasPrefix(string(m), "http://") {
		return os.ReadFile(filepath.Join(string(m), path))
	}
	response, err := http.Get(string(m) + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	wanted := "application/octet-stream"
	if path == "checkpoint" {
		wanted = "text/plain; charset=utf-8"
	}
	if got := response.Header.Get("Content-Type"); got != wanted {
		return nil, fmt.Errorf("%s: content type %q", path, got)
	}
	return io.ReadAll(response.Body)
}

func (m mirror) Height() int { return tileHeight }

func (m mirror) SaveTiles([]tlog.Tile, [][]byte) {}

func (m mirror) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		content, err := m.read(tilePath(tile))
		if err != nil {
			return nil, err
		}
		all = append(all, content)
	}
	return all, nil
}

// entries takes an entry bundle apart.
func entries(bundle []byte, count int) ([][]byte, error) {
	var all [][]byte
	for i := 0; i < count; i++ {
		if len(bundle) < 2 {
			return nil, errors.New("ends too early")
		}
		length := int(binary.BigEndian.Uint16(bundle))
		bundle = bundle[2:]
		if len(bundle) < length {
			return nil, errors.New("ends too early")
		}
		all = append(all, bundle[:length])
		bundle = bundle[length:]
	}
	if len(bundle) != 0 {
		return nil, errors.New("something follows the last entry")
	}
	return all, nil
}

// hashes keeps all hashes of a log in the order of tlog.StoredHashIndex.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		all = append(all, h[index])
	}
	return all, nil
}

// tilesOf lists the tiles of a log of size entries, each as wide as it is then.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		hashes := size >> (tileHeight * level)
		for n := int64(0); n*tileWidth < hashes; n++ {
			width := hashes - n*tileWidth
			if width > tileWidth {
				width = tileWidth
			}
			tiles = append(tiles, tlog.Tile{H: tileHeight, L: level, N: n, W: int(width)})
		}
	}
	return tiles
}

// checkBundle compares every entry of bundle number with the tiles, and adds
// its hashes to own.
func checkBundle(log mirror, number int64, tree tlog.Tree, tiles tlog.HashReader, own *hashes) error {
	width := tree.N - number*tileWidth
	if width > tileWidth {
		width = tileWidth
	}
	path := "tile/entries/" + place(number, int(width))
	content, err := log.read(path)
	if err != nil {
		return err
	}
	lines, err := entries(content, int(width))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	var indexes []int64
	for i := range lines {
		indexes = append(indexes, tlog.StoredHashIndex(0, number*tileWidth+int64(i)))
	}
	leaves, err := tiles.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i, line := range lines {
		index := number*tileWidth + int64(i)
		leaf := tlog.RecordHash(line)
		if leaf != leaves[i] {
			return fmt.Errorf("%s: entry %d is not the one in the tree", path, index)
		}
		more, err := tlog.StoredHashesForRecordHash(index, leaf, *own)
		if err != nil {
			return err
		}
		*own = append(*own, more...)
	}
	return nil
}

// checkMirror verifies the signature, every entry and every tile of all levels.
func checkMirror(log mirror, vkey string) (string, error) {
	signed, err := log.read("checkpoint")
	if err != nil {
		return "", err
	}
	origin, tree, err := openCheckpoint(signed, vkey)
	if err != nil {
		return "", err
	}
	reader := tlog.TileHashReader(tree, log)
	var own hashes
	for number := int64(0); number*tileWidth < tree.N; number++ {
		if err := checkBundle(log, number, tree, reader, &own); err != nil {
			return "", err
		}
	}
	root, err := tlog.TreeHash(tree.N, own)
	if err != nil {
		return "", err
	}
	if root != tree.Hash {
		return "", errors.New("the entries give another root")
	}
	count := 0
	for _, tile := range tilesOf(tree.N) {
		wanted, err := tlog.ReadTileData(tile, own)
		if err != nil {
			return "", err
		}
		content, err := log.read(tilePath(tile))
		if err != nil {
			return "", err
		}
		if !bytes.Equal(content, wanted) {
			return "", fmt.Errorf("%s: not what the entries give", tilePath(tile))
		}
		count++
	}
	return fmt.Sprintf("ok: %s: %d entries, %d tiles", origin, tree.N, count), nil
}

// checkProof verifies a tlog-proof of the entry in a file.
func checkProof(proofPath, entryPath, vkey string) (string, error) {
	proof, err := os.ReadFile(proofPath)
	if err != nil {
		return "", err
	}
	entry, err := os.ReadFile(entryPath)
	if err != nil {
		return "", err
	}
	head, signed, found := strings.Cut(string(proof), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("no proof of c2sp.org/tlog-proof@v1")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return "", errors.New("the proof has no index")
	}
	text := strings.TrimPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(text, 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != text {
		return "", errors.New("the proof has no index")
	}
	var path tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return "", err
		}
		path = append(path, hash)
	}
	origin, tree, err := openCheckpoint([]byte(signed), vkey)
	if err != nil {
		return "", err
	}
	if index >= tree.N {
		return "", errors.New("the index is beyond the tree")
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return "", fmt.Errorf("entry %d: %w", index, err)
	}
	return fmt.Sprintf("ok: %s: entry %d of %d", origin, index, tree.N), nil
}

func main() {
	var said string
	var err error
	switch {
	case len(os.Args) == 4 && os.Args[1] == "mirror":
		said, err = checkMirror(mirror(os.Args[2]), os.Args[3])
	case len(os.Args) == 5 && os.Args[1] == "proof":
		said, err = checkProof(os.Args[2], os.Args[3], os.Args[4])
	default:
		err = errors.New("usage: foreign_check mirror DIR-OR-URL VKEY | proof PROOF ENTRY VKEY")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "foreign_check:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}
