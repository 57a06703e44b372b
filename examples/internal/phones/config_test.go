package phones_test

import (
	"go/ast"
	"go/parser"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

func (d desk) configs() []phones.VendorConfig {
	d.t.Helper()
	var list struct {
		Vendors []phones.VendorConfig `json:"vendors"`
	}
	d.get("/api/config", &list)
	return list.Vendors
}

// command is one curl command.
type command struct {
	method, path, body string
	headers            []string
}

// commandsIn reads commands the way a shell does, as far as the page uses it.
func commandsIn(t *testing.T, text string) (list []command) {
	t.Helper()
	var words []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		if words = shellWords(line); len(words) == 0 || words[0] != "curl" {
			continue
		}
		var c command
		for i := 1; i < len(words); i++ {
			switch words[i] {
			case "-X":
				i++
				c.method = words[i]
			case "-H":
				i++
				c.headers = append(c.headers, words[i])
			case "-d":
				i++
				c.body = words[i]
			default:
				require.True(t, strings.HasPrefix(words[i], "http://"+local+"/"), words[i])
				c.path = strings.TrimPrefix(words[i], "http://"+local)
			}
		}
		list = append(list, c)
	}
	return list
}

func shellWords(line string) (words []string) {
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 { // quoted
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

func TestTheConfigurationToPasteWorks(t *testing.T) {
	d := start(t, phones.Options{})
	url, _ := d.serve()
	host := strings.TrimPrefix(url, "http://")
	var list struct {
		Vendors []phones.VendorConfig `json:"vendors"`
	}
	d.decode(d.do("GET", "/api/config", "", "Host: "+host), &list)
	require.Len(t, list.Vendors, 4)

	for _, config := range list.Vendors {
		t.Run(config.Name, func(t *testing.T) {
			provider := fromYAML(t, config.YAML)
			v, err := provider.Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
			code, ok := d.Code(number)
			require.True(t, ok)
			require.ErrorIs(t, provider.Verify(t.Context(), v, wrong(code)), otp.ErrCodeRejected)
			require.NoError(t, provider.Verify(t.Context(), v, code))
			assert.Equal(t, yamlFields(t, config.YAML), goFields(t, config.Name, config.Go), "Go and YAML say the same")
		})
	}
}

// fromYAML builds the client that a configuration file describes.
func fromYAML(t *testing.T, text string) otp.Provider {
	t.Helper()
	var file struct {
		Providers map[string]yaml.Node `yaml:"providers"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	node := file.Providers["main"]
	var kind struct {
		Vendor string `yaml:"vendor"`
	}
	require.NoError(t, node.Decode(&kind))
	switch kind.Vendor {
	case "insider":
		return client(t, node, func(c insider.Config) (otp.Provider, error) { return insider.New(c) })
	case "kaleyra":
		return client(t, node, func(c kaleyra.Config) (otp.Provider, error) { return kaleyra.New(c) })
	case "hypersender":
		return client(t, node, func(c hypersender.Config) (otp.Provider, error) { return hypersender.New(c) })
	default:
		require.Equal(t, "smsfactor", kind.Vendor)
		return client(t, node, func(c smsfactor.Config) (otp.Provider, error) { return smsfactor.New(c) })
	}
}

func client[Config any](t *testing.T, node yaml.Node, build func(Config) (otp.Provider, error)) otp.Provider {
	t.Helper()
	var config Config
	require.NoError(t, node.Decode(&config))
	provider, err := build(config)
	require.NoError(t, err)
	return provider
}

func yamlFields(t *testing.T, text string) map[string]string {
	t.Helper()
	var file struct {
		Providers map[string]map[string]string `yaml:"providers"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	fields := make(map[string]string)
	for name, value := range file.Providers["main"] {
		if name != "vendor" {
			fields[strings.ReplaceAll(name, "_", "")] = value
		}
	}
	return fields
}

// goFields reads the composite literal of a vendor's Config, its names in small letters.
func goFields(t *testing.T, vendor, code string) map[string]string {
	t.Helper()
	_, expression, found := strings.Cut(code, ":= ")
	require.True(t, found)
	parsed, err := parser.ParseExpr(strings.TrimSpace(expression))
	require.NoError(t, err, code)
	literal := parsed.(*ast.CallExpr).Args[0].(*ast.CompositeLit)
	assert.Equal(t, vendor, literal.Type.(*ast.SelectorExpr).X.(*ast.Ident).Name)
	fields := make(map[string]string)
	for _, element := range literal.Elts {
		pair := element.(*ast.KeyValueExpr)
		value, err := strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
		require.NoError(t, err)
		fields[strings.ToLower(pair.Key.(*ast.Ident).Name)] = value
	}
	return fields
}

func TestTheFirstCode(t *testing.T) {
	d := start(t, phones.Options{})
	commands := commandsIn(t, d.FirstCode("http://"+local))
	require.Len(t, commands, 1)
	require.Equal(t, 202, d.run(commands[0]).Code)
	_, ok := d.Code(number)
	assert.True(t, ok)
}

func TestVendorsAreCopies(t *testing.T) {
	d := start(t, phones.Options{})
	list := d.Vendors()
	require.Len(t, list, 4)
	list[0].Settings[0].Value = "changed"
	assert.NotEqual(t, "changed", d.Vendors()[0].Settings[0].Value)
	for _, v := range list {
		assert.Equal(t, "/"+v.Name, v.Path)
		assert.NotEmpty(t, v.Title)
	}
}
