// Draws the maps that ui/maps.py describes. No tiles: outlines on paper, nothing off this site.
// Text from data is only ever set as textContent.
"use strict";

(() => {
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const popup = (item, words) => {
    const box = document.createElement("div");
    const line = document.createElement("p");
    line.textContent = item.text ? `${item.name ? item.name + ": " : ""}${item.text}` : item.name ?? "";
    box.append(line);
    if (item.url) {
      const link = document.createElement("a");
      link.href = item.url;
      link.textContent = words.open;
      box.append(link);
    }
    return box;
  };

  const areaLayer = (map, data) => L.geoJSON(data.outlines, {
    interactive: !data.picker,
    style: (feature) => ({ className: `map-area map-step-${feature.properties.step}`, weight: 1 }),
    onEachFeature: (feature, layer) => {
      if (!data.picker) layer.bindPopup(() => popup(feature.properties, data.words));
    },
  }).addTo(map);

  const dot = (point, words) => L.circleMarker([point.latitude, point.longitude], {
    radius: 7, className: `map-point ${point.tone}`,
  }).bindPopup(() => popup(point, words));

  const cluster = (map, point, words) => {
    const elder = document.documentElement.dataset.mode === "elder";
    const size = elder ? 60 : Math.min(56, 26 + 6 * Math.log10(point.count) ** 1.4);
    const label = document.createElement("span");
    label.textContent = point.count.toLocaleString("en");
    const icon = L.divIcon({ className: `map-cluster ${point.tone ?? ""}`, html: label, iconSize: [size, size] });
    const marker = L.marker([point.latitude, point.longitude], { icon, keyboard: true });
    marker.on("add", () => marker.getElement().setAttribute("aria-label", fill(words.cluster, { count: point.count })));
    marker.on("click keypress", () => map.setView(marker.getLatLng(), map.getZoom() + 2, { animate: !calm }));
    return marker;
  };

  const pointLayer = (map, data) => {
    const layer = L.layerGroup().addTo(map);
    const show = (points) => {
      layer.clearLayers();
      for (const point of points) {
        layer.addLayer(point.count > 1 ? cluster(map, point, data.words) : dot(point, data.words));
      }
    };
    return show;
  };

  // Only the newest answer is drawn: an older one may arrive later.
  const followClusters = (map, data, show, element) => {
    let running = null;
    const load = async () => {
      running?.abort();
      running = new AbortController();
      const url = new URL(data.clusters, location.href);
      url.searchParams.set("bbox", map.getBounds().toBBoxString());
      url.searchParams.set("zoom", map.getZoom());
      element.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(url, { signal: running.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(answer.statusText);
        show((await answer.json()).points);
      } catch (wrong) {
        if (wrong.name === "AbortError") return;
        document.getElementById("announcer").textContent = data.words.failed;
      }
      element.removeAttribute("aria-busy");
    };
    map.on("moveend", load);
    load();
  };

  const picking = (map, data, element) => {
    const box = element.closest(".place");
    const longitude = document.getElementById(data.picker.longitude);
    const latitude = document.getElementById(data.picker.latitude);
    const chosen = box.querySelector("[data-chosen]");
    const locate = box.querySelector("[data-locate]");
    let mark = null;

    const place = (at, centre) => {
      mark?.remove();
      mark = L.circleMarker(at, { radius: 10, className: "map-cross" }).addTo(map);
      if (centre) map.setView(at, Math.max(map.getZoom(), 15), { animate: !calm });
      chosen.textContent = fill(data.words.chosen, { place: `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}` });
    };
    const choose = (at, centre) => {
      latitude.value = at.lat.toFixed(6);
      longitude.value = at.lng.toFixed(6);
      place(at, centre);
    };
    const typed = (centre) => {
      const [lat, lng] = [parseFloat(latitude.value), parseFloat(longitude.value)];
      if (Number.isFinite(lat) && Number.isFinite(lng)) place(L.latLng(lat, lng), centre);
    };
    map.on("click", (event) => choose(event.latlng, false));
    for (const input of [latitude, longitude]) input.addEventListener("change", () => typed(true));
    const typing = box.querySelector("[data-typed]");
    if (!box.classList.contains("has-error")) typing.open = false;
    typed(false);
    if (!navigator.geolocation) return;
    locate.hidden = false;
    locate.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      ({ coords }) => choose(L.latLng(coords.latitude, coords.longitude), true),
      () => { chosen.textContent = data.words.noLocation; typing.open = true; },
      { enableHighAccuracy: true, timeout: 10000 },
    ));
  };

  const draw = (element) => {
    const data = JSON.parse(document.getElementById(element.dataset.map).textContent);
    element.hidden = false;
    const map = L.map(element, {
      zoomControl: false, attributionControl: false, zoomSnap: 0.5, maxZoom: 18,
      zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm,
    });
    L.control.zoom({ zoomInTitle: data.words.zoomIn, zoomOutTitle: data.words.zoomOut }).addTo(map);
    const areas = areaLayer(map, data);
    if (data.bounds) {
      const [west, south, east, north] = data.bounds;
      map.fitBounds([[south, west], [north, east]]);
    } else if (areas.getBounds().isValid()) {
      map.fitBounds(areas.getBounds(), { padding: [8, 8] });
    } else if (data.points.length) {
      map.fitBounds(data.points.map((point) => [point.latitude, point.longitude]), { maxZoom: 16 });
    } else {
      map.setView([0, 0], 2);
    }
    pointLayer(map, data)(data.points);
    if (data.clusters) followClusters(map, data, pointLayer(map, data), element);
    if (data.picker) picking(map, data, element);
  };

  for (const element of document.querySelectorAll("[data-map]")) draw(element);
})();
