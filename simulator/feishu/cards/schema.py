"""Every tag of card JSON 2.0 with the properties it may carry."""

from __future__ import annotations

from simulator.words import words

ROOT = frozenset({"schema", "config", "card_link", "header", "body"})
CONFIG = words(
    "update_multi enable_forward enable_forward_interaction width_mode summary streaming_mode "
    "streaming_config locales use_custom_translation style"
)
HEADER = words("title subtitle text_tag_list i18n_text_tag_list template icon padding")
BODY = words("direction padding horizontal_spacing horizontal_align vertical_spacing vertical_align elements")
CARD_LINK = words("url pc_url ios_url android_url")
COMMON = frozenset({"tag", "element_id", "margin"})

_LAYOUT = "direction padding horizontal_spacing horizontal_align vertical_spacing vertical_align elements"
_SELECT = (
    "options initial_option initial_index placeholder required type width behaviors confirm disabled "
    "disabled_tips name value"
)
_PICKER = "placeholder required width behaviors confirm disabled disabled_tips name value"
_TEXT = "content i18n_content text_size text_color text_align lines"

TAGS: dict[str, frozenset[str]] = {
    tag: COMMON | frozenset(properties.split())
    for tag, properties in {
        "plain_text": _TEXT,
        "lark_md": _TEXT,
        "text_tag": "text color",
        "standard_icon": "token color size",
        "custom_icon": "img_key size",
        "column_set": "columns flex_mode horizontal_spacing horizontal_align background_style action",
        "column": f"{_LAYOUT} width weight background_style action",
        "form": f"{_LAYOUT} name",
        "interactive_container": (
            f"{_LAYOUT} behaviors value width height has_border border_color corner_radius background_style "
            "hover_tips disabled disabled_tips confirm"
        ),
        "collapsible_panel": f"{_LAYOUT} expanded header border background_color",
        "markdown": "content i18n_content text_size text_align icon",
        "div": "text fields icon width",
        "hr": "",
        "img": ("img_key alt title scale_type mode size preview corner_radius transparent custom_width compact_width"),
        "img_combination": "combination_mode combination_transparent corner_radius img_list",
        "person": "user_id size show_name show_avatar style",
        "person_list": "persons size show_name show_avatar lines drop_invalid_user_id icon",
        "chart": "chart_spec aspect_ratio color_theme preview height",
        "table": ("columns rows page_size row_height row_max_height freeze_first_column header_style"),
        "button": (
            "text type size width icon hover_tips disabled disabled_tips confirm behaviors name form_action_type value"
        ),
        "input": (
            "name required label label_position placeholder default_value max_length input_type "
            "show_icon rows auto_resize max_rows width behaviors confirm disabled disabled_tips value fallback"
        ),
        "select_static": _SELECT,
        "multi_select_static": f"{_SELECT} selected_values",
        "select_person": _SELECT,
        "multi_select_person": f"{_SELECT} selected_values",
        "date_picker": f"{_PICKER} initial_date",
        "picker_time": f"{_PICKER} initial_time",
        "picker_datetime": f"{_PICKER} initial_datetime",
        "select_img": (
            "options multi_select layout aspect_ratio can_preview style name required disabled "
            "disabled_tips behaviors confirm value"
        ),
        "checker": (
            "name text checked checked_style button_area behaviors confirm disabled disabled_tips "
            "hover_tips overall_checkable padding value"
        ),
        "overflow": "options behaviors confirm width value",
        "audio": "file_key audio_id style show_time show_play_button width fill_mode",
        "video": "file_key img_key",
        "avatar": "user_id size",
    }.items()
}

REMOVED = frozenset({"action", "note", "actions"})
CONTAINERS = frozenset({"column_set", "form", "interactive_container", "collapsible_panel"})
INTERACTIVE = words(
    "button input select_static multi_select_static select_person multi_select_person date_picker "
    "picker_time picker_datetime select_img checker overflow interactive_container"
)
FIELDS = INTERACTIVE - {"button", "overflow", "interactive_container"}
TEXT_OBJECTS = frozenset({"plain_text", "lark_md", "text_tag", "standard_icon", "custom_icon"})

REQUIRED: dict[str, tuple[str, ...]] = {
    "plain_text": ("content",),
    "lark_md": ("content",),
    "markdown": ("content",),
    "column_set": ("columns",),
    "form": ("name", "elements"),
    "img": ("img_key", "alt"),
    "table": ("columns", "rows"),
    "select_static": ("options",),
    "multi_select_static": ("options",),
    "overflow": ("options",),
    "interactive_container": ("elements",),
    "collapsible_panel": ("header", "elements"),
    "text_tag": ("text",),
    "person": ("user_id",),
    "person_list": ("persons",),
}

ENUMS: dict[tuple[str, str], frozenset[str]] = {
    ("header", "template"): words(
        "blue wathet turquoise green yellow orange red carmine violet purple indigo grey default"
    ),
    ("config", "width_mode"): frozenset({"default", "compact", "fill"}),
    ("button", "type"): words(
        "default primary danger text primary_text danger_text primary_filled danger_filled laser"
    ),
    ("button", "size"): frozenset({"tiny", "small", "medium", "large"}),
    ("button", "form_action_type"): frozenset({"submit", "reset"}),
    ("input", "input_type"): frozenset({"text", "multiline_text", "password"}),
    ("input", "label_position"): frozenset({"top", "left"}),
    ("column_set", "flex_mode"): frozenset({"none", "stretch", "flow", "bisect", "trisect"}),
    ("chart", "aspect_ratio"): frozenset({"1:1", "2:1", "4:3", "16:9"}),
    ("chart", "color_theme"): words("brand rainbow complementary converse primary"),
}
COLOUR_PROPERTIES = frozenset(
    {"color", "text_color", "border_color", "background_color", "background_style", "template"}
)
