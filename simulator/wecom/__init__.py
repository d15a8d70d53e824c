"""The simulated WeCom: self-built app, app groups, group robot and smart bot over their own wires."""
