package otpconfig

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// object is a piece of JSON Schema.
type object map[string]any

func TestTheSchemaIsWhatIsRead(t *testing.T) {
	schema, err := json.MarshalIndent(wholeSchema(t), "", "  ")
	require.NoError(t, err)
	upToDate(t, "schema.json", string(schema)+"\n")
}

const variable = `\$\{` // any text may hold one

func wholeSchema(t *testing.T) object {
	t.Helper()
	registry := Vendors()
	definitions := object{"provider": provider(registry), "strategy": strategies(t)}
	for _, name := range registry.names() {
		definitions[vendorDefinition(registry, name)] = vendorSchema(t, registry.vendors[name])
	}
	return object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"$id":                  "https://raw.githubusercontent.com/otp-sdk/otp-go/main/otp/otpconfig/schema.json",
		"title":                "Configuration of otp-go",
		"description":          "Providers of one-time passcodes, and which of them a send goes to. Any text may hold ${NAME} or ${NAME:-default}.",
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"providers"},
		"properties": object{
			forEditors: object{"type": "string"},
			"providers": object{
				"description":          "The providers by name. Names live in stored verifications: keep them.",
				"type":                 "object",
				"minProperties":        1,
				"propertyNames":        object{"pattern": `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`},
				"additionalProperties": object{"$ref": "#/$defs/provider"},
			},
			"send": object{
				"description": "Which provider a send goes to. It may be left out where there is only one.",
				"$ref":        "#/$defs/strategy",
			},
			"verify_only": object{
				"description": "Providers that send no more, and still verify what they have sent.",
				"type":        "array",
				"items":       object{"type": "string"},
				"uniqueItems": true,
			},
			"guard":        section(t, reflect.TypeFor[guardRules](), "Limits on abuse. See package guard."),
			"test_numbers": section(t, reflect.TypeFor[testNumbers](), "Numbers with fixed codes, for reviewers of an app. See package testnumber."),
		},
		"patternProperties": object{"^x-": object{"description": "A place for anchors."}},
		"$defs":             definitions,
	}
}

// vendorDefinition is the name of a vendor's fields. Two vendors with one Config share them.
func vendorDefinition(r *Registry, name string) string {
	last := name
	for _, other := range r.names() {
		if r.vendors[other].config == r.vendors[name].config {
			last = other
		}
	}
	return "vendor_" + last
}

func provider(r *Registry) object {
	var cases []object
	for _, name := range r.names() {
		cases = append(cases, object{
			"if":   object{"properties": object{"vendor": object{"const": name}}, "required": []string{"vendor"}},
			"then": object{"$ref": "#/$defs/" + vendorDefinition(r, name)},
		})
	}
	return object{
		"type":       "object",
		"required":   []string{"vendor"},
		"properties": object{"vendor": object{"description": "Whose service it is.", "enum": r.names()}},
		"allOf":      cases,
	}
}

// vendorSchema is all that a provider of this vendor may have.
func vendorSchema(t *testing.T, v *vendor) object {
	t.Helper()
	schema := structure(t, v.config)
	shared := structure(t, reflect.TypeFor[common]())
	properties := schema["properties"].(object)
	for name, property := range shared["properties"].(object) {
		properties[name] = property
	}
	properties["vendor"] = object{}
	own, _ := schema["allOf"].([]object)
	ofAll, _ := shared["allOf"].([]object)
	schema["allOf"] = append(own, ofAll...)
	return schema
}

func structure(t *testing.T, s reflect.Type) object {
	t.Helper()
	fields, err := fieldsOf(s)
	require.NoError(t, err)
	comment := documented(t, s)
	properties, required := make(object), []string{}
	var secrets []object
	for _, f := range fields {
		property := typeSchema(t, f.kind)
		property["description"] = comment[f.name]
		properties[f.name] = property
		switch {
		case f.secret:
			properties[f.fileField()] = object{
				"type": "string", "minLength": 1, "description": "The path of a file whose contents are " + f.name + ".",
			}
			if !f.required {
				secrets = append(secrets, object{"not": object{"required": []string{f.name, f.fileField()}}})
				break
			}
			secrets = append(secrets, object{"oneOf": []object{
				{"required": []string{f.name}},
				{"required": []string{f.fileField()}},
			}})
		case f.required:
			required = append(required, f.name)
		}
		if f.required && property["type"] == "string" {
			property["minLength"] = 1
		}
	}
	schema := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	if len(secrets) > 0 {
		schema["allOf"] = secrets
	}
	return schema
}

func typeSchema(t *testing.T, kind reflect.Type) object {
	t.Helper()
	const unit = `(ns|us|µs|ms|s|m|h)`
	switch {
	case kind.Kind() == reflect.Pointer:
		return typeSchema(t, kind.Elem())
	case isDuration(kind):
		return object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?` + unit + `)+$|` + variable}
	case isRate(kind):
		return object{"type": "string", "pattern": `^(unlimited|[1-9][0-9]*/([0-9]*` + unit + `)+)$|` + variable}
	case kind == reflect.TypeFor[otp.Channel]():
		return object{"anyOf": []object{
			{"enum": []otp.Channel{otp.SMS, otp.WhatsApp, otp.Voice}},
			{"type": "string", "pattern": variable},
		}}
	case kind == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case kind.Kind() == reflect.Struct:
		return structure(t, kind)
	case kind.Kind() == reflect.Slice:
		return object{"type": "array", "items": typeSchema(t, kind.Elem())}
	case kind.Kind() == reflect.String:
		return object{"type": "string"}
	case kind.Kind() == reflect.Int:
		return object{"type": []string{"integer", "string"}, "pattern": variable}
	case kind.Kind() == reflect.Float64:
		return object{"type": []string{"number", "string"}, "pattern": variable}
	case kind.Kind() == reflect.Bool:
		return object{"type": []string{"boolean", "string"}, "pattern": variable}
	}
	require.Fail(t, "no schema for "+kind.String())
	return nil
}

func section(t *testing.T, of reflect.Type, description string) object {
	t.Helper()
	schema := structure(t, of)
	schema["description"] = description
	return schema
}

// strategies is a provider's name, or one of the routers.
func strategies(t *testing.T) object {
	t.Helper()
	strategy := object{"$ref": "#/$defs/strategy"}
	router := func(kind, description string, property object) object {
		property["description"] = description
		return object{
			"type":                 "object",
			"additionalProperties": false,
			"required":             []string{kind},
			"properties": object{
				"name": object{"type": "string", "description": "The router's name, for metrics."},
				kind:   property,
			},
		}
	}
	share := object{
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"provider", "weight"},
		"properties": object{
			"provider": strategy,
			"weight":   object{"type": []string{"integer", "string"}, "minimum": 1, "maximum": mostWeight, "pattern": variable},
		},
	}
	priced := object{
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"provider"},
		"properties":           object{"provider": strategy, "price": object{"type": []string{"number", "string"}, "minimum": 0, "pattern": variable}},
	}
	learns := router(learning, "Each gets its share by how many of its codes are typed.",
		object{"type": "array", "items": object{"oneOf": []object{strategy, priced}}, "minItems": 1})
	maps.Copy(learns["properties"].(object), structure(t, reflect.TypeFor[learningRules]())["properties"].(object))
	return object{"oneOf": []object{
		learns,
		{"type": "string", "minLength": 1, "description": "A provider's name."},
		router(failover, "The next one is asked when the one before has certainly sent nothing.",
			object{"type": "array", "items": strategy, "minItems": 1}),
		router(weighted, "Each gets its share of the sends.",
			object{"type": "array", "items": share, "minItems": 1}),
		router(byPrefix, `The longest prefix of the recipient's number decides; "" is for all others.`,
			object{
				"type": "object", "additionalProperties": strategy, "minProperties": 1,
				"propertyNames": object{"pattern": `^(\+[1-9][0-9]{0,14})?$`},
			}),
	}}
}
